/** Known kernels and one's own on any image, one after the other; to be had as frozen layers of the network. */
import { ActionIcon, Button, NativeSelect, Switch } from '@mantine/core';
import { IconArrowRight, IconPlus, IconX } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { ProbeQuestion } from '../../../bridge/explainCalls.ts';
import { newDocument } from '../../../engine/graph/document.ts';
import { insertAfter } from '../../../engine/graph/edits.ts';
import { type KernelName, kernelValues, knownKernels } from '../../../engine/layers/fixedKernels.ts';
import { type ChainLink, chain } from '../../../engine/zoo/zoo.ts';
import { goTo } from '../../store/activePage.ts';
import { wholeInferenceNow } from '../../store/documentInference.ts';
import { editNetwork, endGesture, networkNow } from '../../store/openDocument.ts';
import { refuse } from '../../ui/toast.tsx';
import { useAnswer } from '../askStudio.ts';
import { useExplain } from '../explainState.ts';
import { useDataset, useImage } from '../explainSubject.ts';
import { HeatMap } from '../figures/heatMap.tsx';
import { NumberGrid } from '../figures/numberGrid.tsx';
import { channelOf, pictureOf } from '../figures/paint.ts';
import { Answered } from '../questionAnswer.tsx';
import { asOneStep, type KernelBenchStep, layersOf } from './benchSteps.ts';

/** An image of one's own is seen at this size; one of a dataset at its own. */
const OWN_SIZE = 160;
const MOST_STEPS = 6;
/** Rows and columns of a kernel that is still read. */
const LARGEST_SHOWN = 7;

const stepOf = (id: number, name: KernelName): KernelBenchStep => ({
  id,
  name,
  kernel: kernelValues(name),
  relu: false,
});

export function KernelBenchView() {
  const [steps, setSteps] = useState<readonly KernelBenchStep[]>([stepOf(0, 'top edge')]);
  const image = useImage();
  const dataset = useDataset();
  const own = useExplain(state => state.own);
  const [, height, width] = own || !dataset ? [1, OWN_SIZE, OWN_SIZE] : dataset.imageShape;
  const question = useMemo((): ProbeQuestion | null => {
    if (!image) return null;
    const links = steps.flatMap(({ relu }, i): ChainLink[] => [
      ['Conv2d', `step${i}`, { outChannels: 1, kernelSize: [3, 3], padding: [1, 1, 1, 1], bias: false }],
      ...(relu ? [['ReLU', `relu${i}`] as const] : []),
    ]);
    const graph = chain([['Input', 'input', { shape: [1, height, width] }], ...links]);
    const tensors = steps.map(({ kernel }, i) => [`step${i}.weight`, Float32Array.from(kernel)] as const);
    return {
      kind: 'probe',
      subject: {
        document: newDocument('bench', graph),
        weights: { from: 'given', tensors: Object.fromEntries(tensors) },
      },
      images: [image.source],
      outputs: steps.map(({ relu }, i) => (relu ? `relu${i}` : `step${i}`)),
    };
  }, [image, steps, height, width]);
  const asked = useAnswer(question);
  const change = (id: number, to: Partial<KernelBenchStep>) =>
    setSteps(steps.map(step => (step.id === id ? { ...step, ...to } : step)));
  if (!image) return <p className="explain-note">Open an image, or choose a dataset in Train.</p>;
  return (
    <Answered asked={asked}>
      {answer => {
        const [first] = answer.images as [(typeof answer.images)[number]];
        return (
          <ol className="bench">
            <li className="bench-step">
              <h2>Image</h2>
              <HeatMap label="The image in grey" {...pictureOf(first.picture)} range={[0, 1]} size={176} />
            </li>
            {steps.map((step, i) => (
              <BenchStepRow
                key={step.id}
                step={step}
                place={i}
                output={first.outputs[`relu${i}`] ?? first.outputs[`step${i}`]}
                onChange={to => change(step.id, to)}
                {...(steps.length > 1 && {
                  onRemove: () => setSteps(steps.filter(({ id }) => id !== step.id)),
                })}
              />
            ))}
            {steps.length > 1 && <OneKernel steps={steps} />}
            <li className="bench-add">
              {steps.length < MOST_STEPS && (
                <Button
                  leftSection={<IconPlus size={14} />}
                  onClick={() =>
                    setSteps([...steps, stepOf(Math.max(...steps.map(({ id }) => id)) + 1, 'blur')])
                  }
                >
                  Add a step
                </Button>
              )}
              {steps.length > 1 && (
                <Button
                  title="Puts them behind the Input, as layers that do not learn"
                  onClick={() => toCanvas(steps)}
                >
                  All steps to the canvas, frozen
                </Button>
              )}
            </li>
          </ol>
        );
      }}
    </Answered>
  );
}

/** What a ReLU between two convolutions is for: without one, they are a single convolution. */
function OneKernel({ steps }: { steps: readonly KernelBenchStep[] }) {
  const one = asOneStep(steps);
  const side = one ? Math.sqrt(one.kernel.length) : 0;
  return (
    <li className="bench-step bench-one" aria-label="As one kernel">
      <h2>As one kernel</h2>
      {one ? (
        <>
          <p className="tiny">
            No ReLU stands between the steps: away from the border they are one convolution of {side}×{side}.
          </p>
          {side <= LARGEST_SHOWN && (
            <NumberGrid
              title="One kernel"
              rows={Array.from({ length: side }, (_, y) => one.kernel.slice(y * side, (y + 1) * side))}
              hue="var(--f-merge)"
              mark={() => 'window'}
            />
          )}
          <Button
            title="Puts it behind the Input, as a layer that does not learn"
            onClick={() => toCanvas([one])}
          >
            This one to the canvas, frozen
          </Button>
        </>
      ) : (
        <p className="tiny">
          A ReLU stands between the steps: no single kernel does the same. That is why a network has
          activations.
        </p>
      )}
    </li>
  );
}

interface BenchStepProps {
  step: KernelBenchStep;
  place: number;
  output: { shape: number[]; values: Float32Array } | undefined;
  onChange: (to: Partial<KernelBenchStep>) => void;
  onRemove?: () => void;
}

function BenchStepRow({ step, place, output, onChange, onRemove }: BenchStepProps) {
  const { name, kernel, relu } = step;
  const rows = [0, 1, 2].map(row =>
    kernel.slice(3 * row, 3 * row + 3).map(value => Number(value.toFixed(4))),
  );
  return (
    <li className="bench-step" aria-label={`Step ${place + 1}`}>
      <div className="bench-head">
        <h2>
          <IconArrowRight size={13} /> Step {place + 1}
        </h2>
        {onRemove && (
          <ActionIcon aria-label={`Remove step ${place + 1}`} onClick={onRemove}>
            <IconX size={14} />
          </ActionIcon>
        )}
      </div>
      {output && (
        <HeatMap
          label={`Output of step ${place + 1}, ${name}`}
          map={channelOf(output, 0)}
          colouring="signed"
          size={176}
        />
      )}
      <NativeSelect
        aria-label={`Kernel of step ${place + 1}`}
        data={[...knownKernels, ...(name === 'own' ? [{ value: 'own', label: 'my own' }] : [])]}
        value={name}
        onChange={event => {
          const chosen = event.currentTarget.value as KernelName;
          onChange({ name: chosen, kernel: kernelValues(chosen) });
        }}
      />
      <NumberGrid
        title={`Kernel ${place + 1}`}
        rows={rows}
        hue="var(--f-merge)"
        mark={() => 'window'}
        onEdit={(y, x, value) => onChange({ name: 'own', kernel: kernel.with(3 * y + x, value) })}
      />
      <Switch
        label="ReLU after it"
        checked={relu}
        onChange={event => onChange({ relu: event.currentTarget.checked })}
      />
      <Button
        title="Puts it behind the Input, as a layer that does not learn"
        onClick={() => toCanvas([step])}
      >
        To the canvas, frozen
      </Button>
    </li>
  );
}

/** Steps as the first layers of the network. */
function toCanvas(steps: readonly KernelBenchStep[]): void {
  const inference = wholeInferenceNow();
  const input = Object.keys(networkNow().nodes).find(id => inference.nodes.get(id)?.kind?.inputs === 0);
  const channels = input === undefined ? undefined : inference.nodes.get(input)?.figures?.shape[0];
  if (input === undefined || channels === undefined) {
    refuse('The network has no Input to put it behind.');
    return;
  }
  endGesture();
  editNetwork(graph => insertAfter(graph, input, layersOf(steps, channels)));
  goTo('design');
}
