/** Learning rates by group of layers: a pattern of names and a factor for each, and what becomes of every layer. */
import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import { type Training, trainingSchema } from '../../engine/graph/document.ts';
import { frozenLayers, weightedLayers } from '../../engine/graph/freezeLayers.ts';
import type { Inference } from '../../engine/graph/inference.ts';
import { meansLayer } from '../../engine/graph/namePattern.ts';
import { useWholeInference } from '../store/documentInference.ts';
import { editTraining, endGesture, useDocument } from '../store/openDocument.ts';
import { useTraining } from '../store/trainingRun.ts';
import { errorId, FieldRow } from '../ui/fields/fieldRow.tsx';
import { NumberInput } from '../ui/fields/textInput.tsx';
import { decimal, plural } from '../ui/numberFormat.ts';

type RateGroup = Training['rates'][number];

const groupSchema = trainingSchema.shape.rates.unwrap().element;

const change = (rates: RateGroup[], gesture?: string) => editTraining({ rates }, gesture);

export function LayerRates() {
  const rates = useDocument(state => state.document.training.rates);
  return (
    <section className="section" aria-label="Rates by layer">
      <h2>Rates by layer</h2>
      {rates.map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group is known by its place alone
        <div key={index} className="train-item">
          <GroupFields rates={rates} index={index} />
          <div className="train-item-actions">
            <ActionIcon
              aria-label={`Remove the rate of ${group.layers}`}
              title="Remove"
              onClick={() => change(rates.filter((_, i) => i !== index))}
            >
              <IconX size={14} />
            </ActionIcon>
          </div>
        </div>
      ))}
      {rates.length > 0 && <RatesPicture rates={rates} />}
      <Button size="compact-xs" onClick={() => change([...rates, { layers: '*', factor: 1 }])}>
        Add a group of layers
      </Button>
    </section>
  );
}

function GroupFields({ rates, index }: { rates: readonly RateGroup[]; index: number }) {
  const group = rates[index]!;
  const [layersId, factorId] = [`rates-${index}-layers`, `rates-${index}-factor`];
  const layers = useTraining(state => state.drafts[layersId]);
  const factor = useTraining(state => state.drafts[factorId]);
  const set = (id: string, name: keyof RateGroup, value: string | number) => {
    const { [id]: _before, ...others } = useTraining.getState().drafts;
    const isValid = groupSchema.shape[name].safeParse(value).success;
    useTraining.setState({ drafts: isValid ? others : { ...others, [id]: value } });
    if (isValid) change(rates.with(index, { ...group, [name]: value }), id);
  };
  return (
    <>
      <FieldRow
        id={layersId}
        label="Layers"
        help="By their names as PyTorch has them; * stands for any letters: backbone.* are all layers of the backbone. The first group that a layer is in counts."
        error={layers === undefined ? undefined : 'A name or a pattern is wanted, of at most 200 letters.'}
      >
        <input
          id={layersId}
          className="input"
          value={layers ?? group.layers}
          aria-invalid={layers !== undefined}
          aria-describedby={layers === undefined ? undefined : errorId(layersId)}
          autoComplete="off"
          spellCheck={false}
          onChange={event => set(layersId, 'layers', event.target.value)}
          onBlur={endGesture}
        />
      </FieldRow>
      <FieldRow
        id={factorId}
        label="Factor"
        help="What their learning rate is multiplied by: below 1 for layers that know something already."
        error={factor === undefined ? undefined : 'A number above 0, at most 1000.'}
      >
        <NumberInput
          id={factorId}
          value={factor ?? group.factor}
          invalid={factor !== undefined}
          describedBy={errorId(factorId)}
          onChange={value => set(factorId, 'factor', value)}
          onDone={endGesture}
        />
      </FieldRow>
    </>
  );
}

interface LayerRate {
  readonly name: string;
  /** What its rate is multiplied by; 0 where it is frozen. */
  readonly factor: number;
}

/** Of the layers with weights, in the order in which data flows. */
function ratesOf(inference: Inference, rates: readonly RateGroup[]): LayerRate[] {
  const frozen = frozenLayers(inference);
  const names = weightedLayers(inference);
  return inference.order.flatMap(id => {
    const name = names.get(id);
    if (name === undefined) return [];
    const factor = rates.find(({ layers }) => meansLayer(layers, name))?.factor ?? 1;
    return [{ name, factor: frozen.has(id) ? 0 : factor }];
  });
}

const PICTURE_WIDTH = 264;
const PICTURE_HEIGHT = 44;

/** A bar for each layer, from the image on the left to the answer on the right; frozen ones have none. */
function RatesPicture({ rates }: { rates: readonly RateGroup[] }) {
  const inference = useWholeInference();
  const layers = useMemo(() => ratesOf(inference, rates), [inference, rates]);
  if (layers.length === 0) return null;
  const most = Math.max(...layers.map(({ factor }) => factor));
  const learning = layers.filter(({ factor }) => factor > 0).length;
  const width = PICTURE_WIDTH / layers.length;
  const text = `${learning} of ${plural(layers.length, 'layer')} learn, at ${decimal(most)} times the rate at most`;
  return (
    <figure className="schedule-preview">
      <svg viewBox={`0 0 ${PICTURE_WIDTH} ${PICTURE_HEIGHT}`} role="img" aria-label={text}>
        {layers.map(({ name, factor }, i) => {
          const height = most > 0 ? (factor / most) * (PICTURE_HEIGHT - 4) : 0;
          return (
            <rect
              key={name}
              className="rate-bar"
              x={i * width}
              y={PICTURE_HEIGHT - height}
              width={Math.max(0.5, width - 0.5)}
              height={height}
            >
              <title>{factor > 0 ? `${name}: ${decimal(factor)} times the rate` : `${name}: frozen`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption className="tiny">
        <span>image</span>
        <span>{text}</span>
        <span>answer</span>
      </figcaption>
    </figure>
  );
}
