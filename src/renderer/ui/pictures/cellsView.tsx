/** Small images of numbers before and after: each channel a grid, the larger a number the fuller its cell. */
import type { CellsPicture, Channels } from '../../../engine/layers/helpPicture.ts';
import { cellText, type Room } from './drawingArea.ts';
import { Arrow } from './windowView.tsx';

const ARROW_WIDTH = 40;
const SIGN_WIDTH = 16;
const CHANNEL_GAP = 6;
const LARGEST_CELL = 21;
/** Below this, numbers in cells cannot be read. */
const READABLE_CELL = 13;

interface Block {
  channels: Channels;
  /** Channels stand in so many rows. */
  rows: number;
}

/** Channels beside each other, or where they are many in rows of equal length. */
function blockOf(channels: Channels): Block {
  const height = channels[0]?.length ?? 1;
  return { channels, rows: channels.length > 3 && height > 1 ? Math.floor(Math.sqrt(channels.length)) : 1 };
}

function sizeOf({ channels, rows }: Block, cell: number) {
  const columns = Math.ceil(channels.length / rows);
  const [height, width] = [channels[0]!.length, channels[0]![0]!.length];
  return {
    width: columns * width * cell + (columns - 1) * CHANNEL_GAP,
    height: rows * height * cell + (rows - 1) * CHANNEL_GAP,
  };
}

export function CellsView({ picture, width, height }: Room & { picture: CellsPicture }) {
  const inputs = picture.inputs.map(blockOf);
  const blocks = [...inputs, blockOf(picture.output)];
  const gaps = ARROW_WIDTH + (inputs.length - 1) * SIGN_WIDTH;
  const wholeAt = (cell: number) => blocks.reduce((sum, block) => sum + sizeOf(block, cell).width, gaps);
  // Widths and heights are linear in the cell: what does not grow with it is what a cell of nothing needs.
  const across = (width - 8 - wholeAt(0)) / (wholeAt(1) - wholeAt(0));
  const down = Math.min(
    ...blocks.map(
      block => (height - 8 - sizeOf(block, 0).height) / (sizeOf(block, 1).height - sizeOf(block, 0).height),
    ),
  );
  const cell = Math.min(LARGEST_CELL, across, down);
  const largest = Math.max(...blocks.flatMap(({ channels }) => channels.flat(2)).map(Math.abs));
  let x = (width - wholeAt(cell)) / 2;
  const placed = blocks.map((block, i) => {
    const size = sizeOf(block, cell);
    const at = { x, y: (height - size.height) / 2 };
    const gap = i < inputs.length - 1 ? SIGN_WIDTH : ARROW_WIDTH;
    const end = x + size.width;
    x = end + gap;
    return { block, at, end, gap };
  });
  return placed.map(({ block, at, end, gap }, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a picture's blocks never change places
    <g key={i}>
      <BlockView block={block} at={at} cell={cell} largest={largest} />
      {i < inputs.length - 1 && (
        <text className="picture-sign" x={end + gap / 2} y={height / 2 + 4} textAnchor="middle">
          {picture.sign}
        </text>
      )}
      {i === inputs.length - 1 && <Arrow from={end + 9} to={end + gap - 9} y={height / 2} />}
    </g>
  ));
}

interface BlockProps {
  block: Block;
  at: { x: number; y: number };
  cell: number;
  largest: number;
}

function BlockView({ block: { channels, rows }, at, cell, largest }: BlockProps) {
  const columns = Math.ceil(channels.length / rows);
  return channels.flatMap((grid, c) =>
    grid.flatMap((row, i) =>
      row.map((value, j) => {
        const x = at.x + (c % columns) * (row.length * cell + CHANNEL_GAP) + j * cell;
        const y = at.y + Math.floor(c / columns) * (grid.length * cell + CHANNEL_GAP) + i * cell;
        const share = largest > 0 ? Math.abs(value) / largest : 0;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: cells are their places
          <g key={`${c} ${i} ${j}`}>
            <rect
              className="picture-cell pixel"
              x={x + 0.5}
              y={y + 0.5}
              width={cell - 1}
              height={cell - 1}
              rx={1}
            />
            <rect
              className="picture-value"
              x={x + 0.5}
              y={y + 0.5}
              width={cell - 1}
              height={cell - 1}
              rx={1}
              opacity={0.08 + 0.37 * share}
            />
            {cell >= READABLE_CELL && (
              <text x={x + cell / 2} y={y + cell / 2 + 3.5} textAnchor="middle">
                {cellText(value)}
              </text>
            )}
          </g>
        );
      }),
    ),
  );
}
