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
import { keepDraft, useTraining } from '../store/trainingRun.ts';
import { errorId } from '../ui/fields/fieldRow.tsx';
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
      {rates.length > 0 && (
        <p className="tiny">
          Layers by their names as PyTorch has them, * for any letters, and what their rate is multiplied by.
          The first group that a layer is in counts.
        </p>
      )}
      {rates.map((_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group is known by its place alone
        <RateGroupRow key={index} rates={rates} index={index} />
      ))}
      {rates.length > 0 && <RatesPicture rates={rates} />}
      <Button size="compact-xs" onClick={() => change([...rates, { layers: '*', factor: 1 }])}>
        Add a group of layers
      </Button>
    </section>
  );
}

function RateGroupRow({ rates, index }: { rates: readonly RateGroup[]; index: number }) {
  const group = rates[index]!;
  const [layersId, factorId] = [`rates-${index}-layers`, `rates-${index}-factor`];
  const layers = useTraining(state => state.drafts[layersId]);
  const factor = useTraining(state => state.drafts[factorId]);
  const set = (id: string, name: keyof RateGroup, value: string | number) => {
    const isValid = groupSchema.shape[name].safeParse(value).success;
    keepDraft(id, isValid ? undefined : value);
    if (isValid) change(rates.with(index, { ...group, [name]: value }), id);
  };
  const remove = () => {
    // What was typed into a group that is not valid yet would be taken for the next one's.
    const drafts = Object.entries(useTraining.getState().drafts).filter(([id]) => !id.startsWith('rates-'));
    useTraining.setState({ drafts: Object.fromEntries(drafts) });
    change(rates.filter((_, i) => i !== index));
  };
  const error =
    layers !== undefined
      ? 'A name or a pattern is wanted, of at most 200 letters.'
      : factor !== undefined
        ? 'A factor is a number above 0, at most 1000.'
        : undefined;
  return (
    <div className="rate-group">
      <input
        className="input"
        aria-label={`Layers of group ${index + 1}`}
        value={layers ?? group.layers}
        aria-invalid={layers !== undefined}
        aria-describedby={error && errorId(layersId)}
        autoComplete="off"
        spellCheck={false}
        onChange={event => set(layersId, 'layers', event.target.value)}
        onBlur={endGesture}
      />
      <NumberInput
        label={`Factor of group ${index + 1}`}
        value={factor ?? group.factor}
        invalid={factor !== undefined}
        describedBy={errorId(layersId)}
        onChange={value => set(factorId, 'factor', value)}
        onDone={endGesture}
      />
      <ActionIcon aria-label={`Remove the rate of ${group.layers}`} title="Remove" onClick={remove}>
        <IconX size={14} />
      </ActionIcon>
      {error !== undefined && (
        <p id={errorId(layersId)} className="field-error" role="status">
          {error}
        </p>
      )}
    </div>
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
