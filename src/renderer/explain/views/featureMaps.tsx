/** What a layer makes of an image, channel by channel, and the filters that make it; of two checkpoints, too. */

import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Numbers, ProbeQuestion, WeightsQuestion } from '../../../bridge/explainCalls.ts';
import type { Id } from '../../../bridge/ids.ts';
import type { NodeId } from '../../../engine/graph/document.ts';
import { shapeText } from '../../../engine/layers/shape.ts';
import { isActive } from '../../store/studioState.ts';
import { count, decimal, percent, plural } from '../../ui/numberFormat.ts';
import { useAnswer } from '../askStudio.ts';
import { useExplain } from '../explainState.ts';
import {
  type ChosenImage,
  type ChosenSubject,
  type useChosenWeights,
  useImage,
  useProjectRuns,
  useSubject,
  useSubjectOf,
} from '../explainSubject.ts';
import { type Statistics, statisticsOf } from '../figures/channelStatistics.ts';
import { HeatMap } from '../figures/heatMap.tsx';
import { channelOf, pictureOf, rangeOf } from '../figures/paint.ts';
import { LayerSelect } from '../layerSelect.tsx';
import { Answered } from '../questionAnswer.tsx';

/** Channels drawn at once. */
const CHANNELS_PER_PAGE = 64;
/** So many channels have room to be larger. */
const FEW_CHANNELS = 32;

export function FeatureMapsView() {
  const chosen = useSubject();
  const image = useImage();
  const node = useExplain(state => state.node);
  const [what, setWhat] = useState<'maps' | 'filters'>('maps');
  const [other, setOther] = useState('');
  const weights = useOther(other);
  const compared = useSubjectOf(weights ?? 'seed');
  const id = chosen ? layerIn(chosen, node) : null;
  if (!chosen || id === null) return <p className="dim">Opening the network…</p>;
  if (!image) return <p className="explain-note">Open an image, or choose a dataset in Train.</p>;
  const Shown = what === 'maps' ? Maps : Filters;
  return (
    <>
      <div className="explain-tools">
        <LayerSelect inference={chosen.inference} value={id} />
        <SegmentedControl
          aria-label="What is shown"
          data={[
            { value: 'maps', label: 'Feature maps' },
            { value: 'filters', label: 'Filters' },
          ]}
          value={what}
          onChange={value => setWhat(value as typeof what)}
        />
        <OtherSelect value={other} onChange={setOther} />
      </div>
      <div className="explain-beside">
        <Shown
          key={`${id} first`}
          chosen={chosen}
          id={id}
          image={image}
          title={other === '' ? null : 'Chosen weights'}
        />
        {weights && compared?.inference.nodes.has(id) && (
          <Shown key={`${id} other`} chosen={compared} id={id} image={image} title="Compared with" />
        )}
      </div>
    </>
  );
}

/** The layer that was chosen, else the first that learns an image. */
function layerIn({ inference }: ChosenSubject, node: NodeId | null): NodeId | null {
  if (node !== null && inference.nodes.get(node)?.figures) return node;
  const learns = (id: NodeId) => {
    const figures = inference.nodes.get(id)!.figures;
    return figures?.shape.length === 3 && figures.weights.length > 0;
  };
  return inference.order.find(learns) ?? inference.order[0] ?? null;
}

function useOther(value: string): ReturnType<typeof useChosenWeights> | null {
  return useMemo(() => {
    if (value === '') return null;
    if (value === 'seed') return 'seed';
    const [run, kind] = value.split(' ') as [Id, 'best' | 'last'];
    return { run, kind };
  }, [value]);
}

function OtherSelect({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const runs = useProjectRuns();
  const data = [
    { value: '', label: 'Compare with…' },
    { value: 'seed', label: 'Random, as training starts' },
    ...runs.flatMap(run =>
      (['last', 'best'] as const).map(kind => ({
        value: `${run.id} ${kind}`,
        label: `${run.name}, ${kind}`,
      })),
    ),
  ];
  return (
    <NativeSelect
      aria-label="Compare with"
      data={data}
      value={value}
      onChange={event => onChange(event.currentTarget.value)}
    />
  );
}

interface ShownProps {
  chosen: ChosenSubject;
  id: NodeId;
  image: ChosenImage;
  title: string | null;
}

function Maps({ chosen, id, image, title }: ShownProps) {
  const question = useMemo(
    (): ProbeQuestion => ({ kind: 'probe', subject: chosen.subject, images: [image.source], outputs: [id] }),
    [chosen.subject, image.source, id],
  );
  const asked = useAnswer(question);
  const name = chosen.inference.nodes.get(id)!.node.name;
  return (
    <section className="explain-main" aria-label={title ?? `Feature maps of ${name}`}>
      {title && <h2>{title}</h2>}
      <Answered asked={asked}>
        {answer => {
          const { outputs, picture } = answer.images[0]!;
          const found = outputs[id];
          if (!found) return null;
          return (
            <>
              <Step step={answer.step} chosen={chosen} />
              <Channels numbers={found} name={name} picture={picture} />
            </>
          );
        }}
      </Answered>
    </section>
  );
}

function Step({ step, chosen }: { step: number | null; chosen: ChosenSubject }) {
  const live = chosen.run && isActive(chosen.run);
  const text = step === null ? 'Weights as training starts.' : `Weights after ${plural(step, 'step')}.`;
  return (
    <p className="tiny" role="status">
      {text} {live && 'The run is under way: this follows it, epoch by epoch.'}
    </p>
  );
}

function Channels({ numbers, name, picture }: { numbers: Numbers; name: string; picture: Numbers }) {
  const [shown, setShown] = useState(CHANNELS_PER_PAGE);
  const channels = numbers.shape.length === 3 ? numbers.shape[0]! : 1;
  const statistics = useMemo(
    () =>
      Array.from({ length: channels }, (_, c) =>
        statisticsOf(numbers.shape.length === 3 ? channelOf(numbers, c).values : numbers.values),
      ),
    [numbers, channels],
  );
  const dead = statistics.filter(each => each.dead).length;
  const size = channels <= FEW_CHANNELS ? 132 : 92;
  const zeros = statistics.reduce((sum, each) => sum + each.zeros, 0) / channels;
  return (
    <>
      <dl className="explain-figures">
        <Fact term="Shape" value={shapeText(numbers.shape)} />
        <Fact term="Dead channels" value={`${count(dead)} of ${count(channels)}`} />
        <Fact term="Dead space" value={percent(zeros)} />
      </dl>
      {numbers.shape.length === 3 ? (
        <ul className="channels">
          <li>
            <HeatMap label="The image" {...pictureOf(picture)} size={size} />
            <span className="tiny">image</span>
          </li>
          {statistics.slice(0, shown).map((each, c) => (
            <Channel key={String(c)} numbers={numbers} c={c} name={name} statistics={each} size={size} />
          ))}
        </ul>
      ) : (
        <Vector values={numbers.values} name={name} />
      )}
      {channels > shown && numbers.shape.length === 3 && (
        <Button className="explain-more" onClick={() => setShown(shown + CHANNELS_PER_PAGE)}>
          Show {Math.min(CHANNELS_PER_PAGE, channels - shown)} more of {count(channels)}
        </Button>
      )}
    </>
  );
}

function Fact({ term, value }: { term: string; value: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Channel({
  numbers,
  c,
  name,
  statistics,
  size,
}: {
  numbers: Numbers;
  c: number;
  name: string;
  statistics: Statistics;
  size: number;
}) {
  const map = useMemo(() => channelOf(numbers, c), [numbers, c]);
  const { mean, std, dead, zeros } = statistics;
  const words = `mean ${decimal(mean, 3)}, std ${decimal(std, 3)}, ${percent(zeros)} zero`;
  return (
    <li data-dead={dead || undefined} title={words}>
      <HeatMap
        label={`Channel ${c + 1} of ${name}${dead ? ', dead' : ''}, ${words}`}
        map={map}
        colouring={statistics.low < 0 ? 'signed' : 'grey'}
        size={size}
      />
      <span className="tiny">
        {c + 1}
        {dead ? ' dead' : ` · ${decimal(mean, 2)}`}
      </span>
    </li>
  );
}

/** A vector as a strip of numbers: one pixel high, wide enough to be seen. */
function Vector({ values, name }: { values: Float32Array; name: string }) {
  const columns = Math.min(64, values.length);
  const height = Math.ceil(values.length / columns);
  const map = useMemo(() => {
    const all = new Float32Array(columns * height);
    all.set(values);
    return { height, width: columns, values: all };
  }, [values, columns, height]);
  return (
    <HeatMap
      label={`${values.length} numbers of ${name}`}
      map={map}
      colouring="signed"
      size={Math.min(640, columns * 12)}
    />
  );
}

function Filters({ chosen, id, title }: ShownProps) {
  const question = useMemo(
    (): WeightsQuestion => ({ kind: 'weights', subject: chosen.subject, node: id }),
    [chosen.subject, id],
  );
  const asked = useAnswer(question);
  const name = chosen.inference.nodes.get(id)!.node.name;
  return (
    <section className="explain-main" aria-label={title ?? `Filters of ${name}`}>
      {title && <h2>{title}</h2>}
      <Answered asked={asked}>
        {answer => {
          const weight = answer.tensors.weight;
          if (weight?.shape.length !== 4)
            return (
              <p className="explain-note">{name} has no filters: no weight of it is laid over an image.</p>
            );
          return (
            <>
              <Step step={answer.step} chosen={chosen} />
              <FilterList weight={weight} name={name} />
            </>
          );
        }}
      </Answered>
    </section>
  );
}

/** Filters over three channels in colour, others by their first channel. */
function FilterList({ weight, name }: { weight: Numbers; name: string }) {
  const [shown, setShown] = useState(CHANNELS_PER_PAGE);
  const [filters, channels, height, width] = weight.shape as [number, number, number, number];
  const size = channels * height * width;
  const range = useMemo(() => rangeOf(weight.values), [weight]);
  return (
    <>
      <dl className="explain-figures">
        <Fact term="Shape" value={shapeText(weight.shape)} />
        <Fact term="From" value={decimal(range[0], 3)} />
        <Fact term="To" value={decimal(range[1], 3)} />
      </dl>
      <ul className="channels">
        {Array.from({ length: Math.min(shown, filters) }, (_, k) => (
          <Filter
            key={String(k)}
            values={weight.values.subarray(k * size, (k + 1) * size)}
            k={k}
            name={name}
            shape={[channels, height, width]}
            range={range}
          />
        ))}
      </ul>
      {filters > shown && (
        <Button className="explain-more" onClick={() => setShown(shown + CHANNELS_PER_PAGE)}>
          Show {Math.min(CHANNELS_PER_PAGE, filters - shown)} more of {count(filters)}
        </Button>
      )}
    </>
  );
}

interface FilterProps {
  values: Float32Array;
  k: number;
  name: string;
  shape: readonly [number, number, number];
  range: readonly [number, number];
}

function Filter({ values, k, name, shape: [channels, height, width], range }: FilterProps) {
  const isColour = channels === 3;
  const map = useMemo(() => {
    const [low, high] = range;
    const shown = isColour
      ? values.map(value => (value - low) / (high - low || 1))
      : values.subarray(0, height * width);
    return { height, width, values: shown };
  }, [values, isColour, height, width, range]);
  const what = isColour || channels === 1 ? '' : `, channel 1 of ${channels}`;
  return (
    <li>
      <HeatMap
        label={`Filter ${k + 1} of ${name}${what}`}
        map={map}
        colouring={isColour ? 'colour' : 'signed'}
        range={range}
        size={72}
      />
      <span className="tiny">{k + 1}</span>
    </li>
  );
}
