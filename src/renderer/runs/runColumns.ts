/** The columns that a history can be looked at by: what is of every run, its settings, its metrics. Pure. */
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { SettingValue, Survey } from '../../experiments/survey.ts';
import { count, decimal, duration, fraction, moment, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';
import { settingName, settingsText, settingText } from './differingSettings.ts';

export type ColumnValue = SettingValue | undefined;

export interface Column {
  id: string;
  title: string;
  of: 'run' | 'setting' | 'metric';
  /** In pixels. */
  width: number;
  align: 'left' | 'right';
  value: (run: RunSummary) => ColumnValue;
  text: (value: ColumnValue, run: RunSummary) => string;
  /** Which values are better; missing where none are. */
  better?: 'high' | 'low';
}

const plain = (value: ColumnValue) => (value === undefined || value === '' ? UNKNOWN_FIGURE : String(value));
const counted = (value: ColumnValue) => (typeof value === 'number' ? count(value) : UNKNOWN_FIGURE);

const own = { of: 'run', width: 110, align: 'right', text: plain } as const;

/** What every run has, beside its name. */
function ownColumns(survey: Survey): Column[] {
  return [
    {
      ...own,
      id: 'settings',
      title: 'Settings that differ',
      width: 260,
      align: 'left',
      value: run => settingsText(run, survey.differing),
    },
    { ...own, id: 'dataset', title: 'Dataset', align: 'left', value: run => run.dataset },
    { ...own, id: 'project', title: 'Project', width: 150, align: 'left', value: run => run.projectName },
    { ...own, id: 'sweep', title: 'Sweep', align: 'left', value: run => run.sweepName ?? undefined },
    { ...own, id: 'tags', title: 'Tags', width: 150, align: 'left', value: run => run.tags.join(', ') },
    { ...own, id: 'notes', title: 'Notes', width: 220, align: 'left', value: run => run.notes },
    { ...own, id: 'state', title: 'State', align: 'left', value: run => run.state },
    { ...own, id: 'epoch', title: 'Epochs', width: 80, value: run => run.epoch, text: counted },
    { ...own, id: 'parameters', title: 'Parameters', value: run => run.parameters, text: counted },
    {
      ...own,
      id: 'seconds',
      title: 'Time',
      width: 90,
      value: run => run.seconds,
      text: value => (typeof value === 'number' && value > 0 ? duration(value) : UNKNOWN_FIGURE),
    },
    {
      ...own,
      id: 'started',
      title: 'Started',
      width: 170,
      value: run => run.startedAt,
      text: value => moment(Number(value)),
    },
  ];
}

/** In the order in which one wants to see them. */
const SPLIT_TITLES: Readonly<Record<string, string>> = {
  test: 'Test',
  val: 'Val',
  train: 'Train',
  step: 'Step',
};

/** `test.accuracy` is `Test accuracy`. */
export function metricTitle(name: string): string {
  const [split = '', ...rest] = name.split('.');
  const words = rest
    .join(' ')
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return SPLIT_TITLES[split] && words !== '' ? `${SPLIT_TITLES[split]} ${words}` : name;
}

function metricColumn(name: string): Column {
  const isLoss = name.endsWith('loss');
  return {
    id: name,
    title: metricTitle(name),
    of: 'metric',
    width: 124,
    align: 'right',
    // What is no number has no place among numbers.
    value: run => (Number.isFinite(run.metrics[name]) ? run.metrics[name] : undefined),
    text: (_value, run) => metricText(run.metrics[name]),
    better: isLoss ? 'low' : 'high',
  };
}

function settingColumn(name: string): Column {
  return {
    id: `setting:${name}`,
    title: settingName(name),
    of: 'setting',
    width: 104,
    align: 'right',
    value: run => run.settings[name],
    text: value => settingText(value),
  };
}

/** A share has four places, so that columns align; what is larger has four figures. */
export function metricText(value: number | undefined): string {
  if (value === undefined) return UNKNOWN_FIGURE;
  return Math.abs(value) < 10 ? fraction(value) : decimal(value);
}

/** By split, then as they were met. */
function inOrder(metrics: readonly string[]): string[] {
  const splits = Object.keys(SPLIT_TITLES);
  const place = (name: string) => {
    const at = splits.indexOf(name.split('.')[0]!);
    return at < 0 ? splits.length : at;
  };
  return metrics.toSorted((a, b) => place(a) - place(b));
}

export function columnsOf(survey: Survey): Column[] {
  return [
    ...ownColumns(survey),
    ...inOrder(survey.metrics).map(metricColumn),
    ...survey.settings.map(settingColumn),
  ];
}

/** Which settings have a column of their own: those picked, those that differ, all. */
export type SettingsShown = 'picked' | 'differing' | 'all';

/** What runs differ by and how they fared comes first, as it is what they are compared for. */
const rank = ({ id, of }: Column) => (id === 'settings' ? 0 : ['metric', 'run', 'setting'].indexOf(of) + 1);

/** The columns to show; among those of one rank in the order of all. */
export function shownColumns(
  all: readonly Column[],
  picked: readonly string[],
  settings: SettingsShown,
  differing: readonly string[],
): Column[] {
  const wanted = new Set(picked);
  if (settings === 'differing') for (const name of differing) wanted.add(`setting:${name}`);
  return all
    .filter(({ id, of }) => wanted.has(id) || (of === 'setting' && settings === 'all'))
    .sort((a, b) => rank(a) - rank(b));
}
