/** What a convolution does: in one direction, over an image, over a layer of one's own network, and backwards. */
import { SegmentedControl } from '@mantine/core';
import { useExplain } from '../explainState.ts';
import { Dice } from '../slidingWindow/diceSums.tsx';
import { Plane } from '../slidingWindow/imageConvolution.tsx';
import { LayerSweep } from '../slidingWindow/networkLayer.tsx';
import { Transposed } from '../slidingWindow/transposedConvolution.tsx';

const parts = {
  dice: { label: 'Two dice', Part: Dice },
  plane: { label: 'An image', Part: Plane },
  layer: { label: 'A layer of mine', Part: LayerSweep },
  transposed: { label: 'Transposed', Part: Transposed },
} as const;

export function SweepView() {
  const { part, preset } = useExplain();
  const { Part } = parts[part as keyof typeof parts];
  return (
    <>
      <SegmentedControl
        aria-label="What is swept"
        className="explain-parts"
        data={Object.entries(parts).map(([value, { label }]) => ({ value, label }))}
        value={part}
        onChange={value => useExplain.setState({ part: value })}
      />
      <Part key={preset} />
    </>
  );
}
