/**
 * A report of runs as one HTML file: it opens from disk alone, holds no script and asks nothing of any network.
 * Pure: text from what is known of the runs.
 */
import type { RunDetail, RunEvaluation, RunMetrics, RunSummary } from '../../bridge/runCalls.ts';
import { survey } from '../../experiments/survey.ts';
import { count, decimal, duration, fraction, moment, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';
import { thin } from '../ui/smoothing.ts';
import { settingText } from './differingSettings.ts';
import { metricText, metricTitle } from './runColumns.ts';

export interface ReportedRun {
  detail: RunDetail;
  metrics: RunMetrics;
  /** Of the test images; null where they were not asked about. */
  evaluation: RunEvaluation | null;
}

/** Told apart on paper too. */
const HUES = ['#4f5bd5', '#0b83c4', '#d0416b', '#0f8f86', '#b7791f', '#7c4dd6', '#5f8f12', '#64748b'];
const hueOf = (i: number) => HUES[i % HUES.length]!;

const STYLE = `
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
body { max-width: 1100px; margin: 2rem auto; padding: 0 1rem; color: light-dark(#1b2130, #e8ebf2); background: light-dark(#fff, #161a22); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
p, figcaption { color: light-dark(#566074, #a4adbf); }
div { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th, td { padding: 3px 10px; text-align: right; border-bottom: 1px solid light-dark(#dfe3ea, #272d39); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
td.differs { font-weight: 600; }
figure { margin: 1rem 0; } svg { width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: light-dark(#5f697d, #8b95a8); }
svg line { stroke: light-dark(#dfe3ea, #272d39); }
i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 4px; }
.matrix td { text-align: center; min-width: 2.2em; padding: 3px; }
`;

/** What could be read as markup is text. */
function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, sign => names[sign]!);
}

export function reportOf(title: string, runs: readonly ReportedRun[], at: Date): string {
  const details = runs.map(({ detail }) => detail);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p>${escaped(`${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, written ${moment(at.getTime())} by Receptive.`)}</p>
${resultsTable(details)}
${CHARTS.map(chart => curveFigure(chart, runs)).join('\n')}
${runs.map(confusionTable).join('\n')}
${settingsTable(details)}
${runs.map(({ detail }) => provenance(detail)).join('\n')}
</body>
</html>
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `<tr>${cells.join('')}</tr>`;
  return `<div><table><thead>${line(head)}</thead><tbody>${rows.map(line).join('\n')}</tbody></table></div>`;
}

const th = (text: string) => `<th scope="col">${escaped(text)}</th>`;
const td = (text: string) => `<td>${escaped(text)}</td>`;

function swatch(i: number, name: string): string {
  return `<i style="background:${hueOf(i)}"></i>${escaped(name)}`;
}

function resultsTable(runs: readonly RunDetail[]): string {
  const metrics = survey(runs).metrics.filter(name => !name.startsWith('step.'));
  const rows = runs.map((run, i) => [
    `<td>${swatch(i, run.name)}</td>`,
    td(run.state),
    td(run.dataset),
    td(`${count(run.epoch)} of ${count(run.epochs)}`),
    td(count(run.parameters)),
    td(duration(run.seconds)),
    ...metrics.map(name => td(metricText(run.metrics[name]))),
  ]);
  const head = ['Run', 'State', 'Dataset', 'Epochs', 'Parameters', 'Time', ...metrics.map(metricTitle)];
  return `<h2>Results</h2>\n${table(head.map(th), rows)}`;
}

function settingsTable(runs: readonly RunSummary[]): string {
  const { settings, differing } = survey(runs);
  const rows = settings.map(name => [
    `<td>${escaped(name)}</td>`,
    ...runs.map(run => {
      const text = escaped(settingText(run.settings[name]));
      return differing.includes(name) && runs.length > 1
        ? `<td class="differs">${text}</td>`
        : `<td>${text}</td>`;
    }),
  ]);
  const head = ['Setting', ...runs.map(({ name }) => name)];
  const note = runs.length > 1 ? '<p>What differs is bold.</p>' : '';
  return `<h2>Settings</h2>\n${note}\n${table(head.map(th), rows)}`;
}

interface ReportChart {
  title: string;
  values: (metrics: RunMetrics) => { x: readonly number[]; y: readonly (number | null)[] };
}

const CHARTS: readonly ReportChart[] = [
  {
    title: 'Validation accuracy by epoch',
    values: ({ epochs }) => ({ x: epochs.epoch, y: epochs.valAccuracy }),
  },
  { title: 'Validation loss by epoch', values: ({ epochs }) => ({ x: epochs.epoch, y: epochs.valLoss }) },
  { title: 'Training loss by step', values: ({ steps }) => ({ x: steps.step, y: steps.loss }) },
];

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [900, 260, 56, 24];
const MOST_POINTS = 500;

function curveFigure({ title, values }: ReportChart, runs: readonly ReportedRun[]): string {
  const curves = runs.map(({ metrics }) => pointsOf(values(metrics)));
  const all = curves.flat();
  if (all.length === 0) return '';
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)];
  const [x0, x1, y0, y1] = [min(xs), max(xs), min(ys), max(ys)];
  const px = (x: number) => LEFT + ((x - x0) / (x1 - x0 || 1)) * (WIDTH - LEFT - 10);
  const py = (y: number) => 10 + (1 - (y - y0) / (y1 - y0 || 1)) * (HEIGHT - BOTTOM - 20);
  const lines = curves.map((points, i) => {
    const path = points.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${hueOf(i)}" stroke-width="1.8"/>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(share => {
    const y = y0 + share * (y1 - y0);
    const at = py(y).toFixed(1);
    return `<line x1="${LEFT}" x2="${WIDTH - 10}" y1="${at}" y2="${at}"/><text x="${LEFT - 6}" y="${at}" text-anchor="end" dominant-baseline="middle">${decimal(y, 3)}</text>`;
  });
  const ends = `<text x="${LEFT}" y="${HEIGHT - 4}">${count(x0)}</text><text x="${WIDTH - 10}" y="${HEIGHT - 4}" text-anchor="end">${count(x1)}</text>`;
  return `<figure><h2>${escaped(title)}</h2>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">${ticks.join('')}${lines.join('')}${ends}</svg>
<figcaption>${runs.map(({ detail }, i) => swatch(i, detail.name)).join(' &nbsp; ')}</figcaption></figure>`;
}

function pointsOf({ x, y }: { x: readonly number[]; y: readonly (number | null)[] }): [number, number][] {
  return thin(y, MOST_POINTS).flatMap(i => {
    const value = y[i];
    return value !== null && value !== undefined && Number.isFinite(value)
      ? [[x[i]!, value] as [number, number]]
      : [];
  });
}

const min = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const max = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

function confusionTable({ detail, evaluation }: ReportedRun): string {
  const head = evaluation?.heads.find(({ answer }) => answer === 'class');
  if (!evaluation || !head) return '';
  const { classes, confusion, perClass } = head;
  const rows = confusion.map((row, i) => {
    const total = row.reduce((sum, each) => sum + each, 0) || 1;
    const cells = row.map((images, j) => {
      const tint = i === j ? '79,91,213' : '194,47,47';
      return `<td style="background:rgb(${tint},${(0.6 * (images / total)).toFixed(2)})">${images || ''}</td>`;
    });
    const { precision, recall, f1 } = perClass[i]!;
    return [td(classes[i]!), ...cells, td(fraction(precision)), td(fraction(recall)), td(fraction(f1))];
  });
  const titles = ['True, answered across', ...classes, 'Precision', 'Recall', 'F1'];
  return `<h2>Confusion of ${escaped(detail.name)}</h2>
<p>${count(evaluation.images)} test images.</p>
<div class="matrix">${table(titles.map(th), rows)}</div>`;
}

function provenance(run: RunDetail): string {
  const facts: [string, string][] = [
    ['Project', run.projectName],
    ['Data fingerprint (SHA-256)', run.dataFingerprint],
    ['Weights (SHA-256)', run.weightHash ?? UNKNOWN_FIGURE],
    ['Started', moment(run.startedAt)],
    ['Tags', run.tags.join(', ') || UNKNOWN_FIGURE],
    ['Notes', run.notes || UNKNOWN_FIGURE],
    ...Object.entries(run.environment),
  ];
  return `<h2>${escaped(run.name)}</h2>\n${table(
    [th('What'), th('Value')],
    facts.map(row => row.map(td)),
  )}`;
}
