/**
 * Draws what `receptive bench --profile --json` measured as a roofline (Williams, Waterman, Patterson: "Roofline:
 * an insightful visual performance model", 2009): each network's convolutions by what they compute for a byte, and
 * how fast, under what the machine can do at most.
 *
 *     receptive bench --profile --json > bench.json
 *     node scripts/roofline.ts bench.json > docs/roofline.svg
 */
import { readFileSync } from 'node:fs';
import type { BenchResult } from '../src/main/bench/compareWithTorch.ts';
import type { ProfileRow } from '../src/main/bench/profile.ts';

const WIDTH = 860;
const HEIGHT = 480;
const FRAME = { left: 64, right: 190, top: 40, bottom: 52 };
/** Operations a byte, and operations a second. */
const X = { from: 1, to: 1000 };
const Y = { from: 5e9, to: 2e12 };

const HUES = ['#3b82f6', '#f97316', '#16a34a', '#a855f7', '#e11d48', '#0d9488', '#a16207'];
/** What a convolution is of, by the marks that stand for them. */
const KINDS = [
  /^(conv2d|winograd)Forward/,
  /^(conv2d|winograd)BackwardInput/,
  /^(conv2d|winograd)BackwardWeight/,
] as const;
const LABELS = ['forward', 'gradient by input', 'gradient by weight'];

const share = (value: number, { from, to }: { from: number; to: number }) =>
  Math.log(value / from) / Math.log(to / from);
const x = (intensity: number) => FRAME.left + share(intensity, X) * (WIDTH - FRAME.left - FRAME.right);
const y = (rate: number) => HEIGHT - FRAME.bottom - share(rate, Y) * (HEIGHT - FRAME.top - FRAME.bottom);
const at = (intensity: number, rate: number) => `${x(intensity).toFixed(1)} ${y(rate).toFixed(1)}`;

function text(px: number, py: number, content: string, attributes = ''): string {
  return `<text x="${px.toFixed(1)}" y="${py.toFixed(1)}" ${attributes}>${content}</text>`;
}

function mark(kind: number, px: number, py: number, colour: string): string {
  const shapes = [
    `<circle cx="${px}" cy="${py}" r="5" fill="${colour}"/>`,
    `<rect x="${px - 4.5}" y="${py - 4.5}" width="9" height="9" fill="${colour}"/>`,
    `<path d="M${px} ${py - 6}L${px + 6} ${py + 5}H${px - 6}Z" fill="${colour}"/>`,
  ];
  return shapes[kind]!;
}

function axes(): string[] {
  const lines: string[] = [];
  for (let value = X.from; value <= X.to; value *= 10)
    lines.push(
      `<path class="grid" d="M${at(value, Y.from)}L${at(value, Y.to)}"/>`,
      text(x(value), HEIGHT - FRAME.bottom + 18, String(value), 'text-anchor="middle"'),
    );
  for (const rate of [1e10, 1e11, 1e12])
    lines.push(
      `<path class="grid" d="M${at(X.from, rate)}L${at(X.to, rate)}"/>`,
      text(FRAME.left - 8, y(rate) + 4, String(rate / 1e9), 'text-anchor="end"'),
    );
  const middle = (FRAME.left + WIDTH - FRAME.right) / 2;
  lines.push(
    text(middle, HEIGHT - 12, 'operations for a byte of its tensors', 'text-anchor="middle"'),
    text(FRAME.left - 40, FRAME.top - 16, 'GFLOP/s, counted as direct convolution'),
  );
  return lines;
}

/** The roof: a slope for what memory and cache give, a ceiling for arithmetic. */
function roof({ flops, memory, cache }: { flops: number; memory: number; cache: number }): string[] {
  // Of a line along which both grow by the same factor.
  const tilt = (-Math.atan2(y(Y.from) - y(Y.from * 10), x(X.from * 10) - x(X.from)) * 180) / Math.PI;
  const slope = (bytes: number, label: string) => {
    const bend = flops / bytes;
    const from = Math.max(X.from, Y.from / bytes);
    return [
      `<path class="roof" d="M${at(from, from * bytes)}L${at(bend, flops)}"/>`,
      `<g transform="translate(${at(from * 1.2, from * 1.2 * bytes).replace(' ', ',')}) rotate(${tilt.toFixed(1)})">`,
      text(0, -6, `${label} ${Math.round(bytes / 1e9)} GB/s`, 'class="dim"'),
      '</g>',
    ];
  };
  return [
    ...slope(memory, 'memory'),
    ...slope(cache, 'cache'),
    `<path class="roof" d="M${at(flops / cache, flops)}L${at(X.to, flops)}"/>`,
    text(
      x(X.to) - 6,
      y(flops) + 18,
      `arithmetic ${Math.round(flops / 1e9)} GFLOP/s`,
      'class="dim" text-anchor="end"',
    ),
  ];
}

function point(rows: readonly ProfileRow[], kind: number, colour: string, title: string): string[] {
  const own = rows.filter(({ instruction }) => KINDS[kind]!.test(instruction));
  const sum = (of: (row: ProfileRow) => number) => own.reduce((total, row) => total + of(row), 0);
  const [flops, seconds] = [sum(row => row.flops), sum(row => row.milliseconds) / 1000];
  if (flops === 0) return [];
  const [intensity, rate] = [flops / sum(row => row.bytes), flops / seconds];
  const tip = `${title}, ${LABELS[kind]}: ${Math.round(rate / 1e9)} GFLOP/s`;
  return [`<g><title>${tip}</title>${mark(kind, x(intensity), y(rate), colour)}</g>`];
}

function draw(results: readonly BenchResult[]): string {
  const profiled = results.filter(({ mode, engine }) => mode === 'train' && engine.profile);
  const [first] = profiled;
  if (!first) throw new Error('There is no profile of a training: run receptive bench --profile --json.');
  const peak = profiled
    .map(({ engine }) => engine.profile!.peak)
    .reduce((a, b) => (a.flops > b.flops ? a : b));
  const legend = WIDTH - FRAME.right + 24;
  const points = profiled.flatMap(({ network, engine }, i) => [
    ...KINDS.flatMap((_, kind) => point(engine.profile!.rows, kind, HUES[i % HUES.length]!, network)),
    mark(0, legend, FRAME.top + 90 + 20 * i, HUES[i % HUES.length]!),
    text(legend + 12, FRAME.top + 94 + 20 * i, network),
  ]);
  const kinds = LABELS.flatMap((label, kind) => {
    const py = FRAME.top + 260 + 20 * kind;
    return [mark(kind, legend, py, 'currentColor'), text(legend + 12, py + 4, label)];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Roofline">`,
    '<style>svg{background:#fff;color:#1f2937;font:12px system-ui,sans-serif}text{fill:currentColor}.dim{opacity:.7}',
    '.grid{stroke:currentColor;opacity:.15}.roof{stroke:currentColor;stroke-width:2;fill:none}',
    '@media (prefers-color-scheme:dark){svg{background:#111827;color:#e5e7eb}}</style>',
    ...axes(),
    ...roof(peak),
    ...points,
    ...kinds,
    text(legend - 6, FRAME.top + 66, `${first.engine.backend}, ${first.threads} threads`, 'class="dim"'),
    '</svg>\n',
  ].join('\n');
}

const [file] = process.argv.slice(2);
if (!file) throw new Error('node scripts/roofline.ts BENCH.json');
process.stdout.write(draw(JSON.parse(readFileSync(file, 'utf8')).results));
