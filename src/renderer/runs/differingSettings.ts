/** What tells runs apart: the settings in which they differ, in words short enough for a table. */
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { SettingValue } from '../../experiments/survey.ts';
import { count, decimal } from '../ui/numberFormat.ts';

const SHORT: Readonly<Record<string, string>> = { learningRate: 'lr', batchSize: 'batch' };

/** `optimizer.weightDecay` as a table writes it: `weightDecay`. */
export function settingName(name: string): string {
  return SHORT[name] ?? name.replace(/^.*\./, '');
}

export function settingText(value: SettingValue | undefined): string {
  if (value === undefined) return '—';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? count(value) : decimal(value);
}

/** `lr 0.05 · batch 64` */
export function settingsText(run: RunSummary, names: readonly string[]): string {
  return names
    .filter(name => name in run.settings)
    .map(name => `${settingName(name)} ${settingText(run.settings[name])}`)
    .join(' · ');
}

/** Names without what all of them begin with, so that what tells them apart is not cut off: `… 2`. */
export function distinctNames(names: readonly string[]): string[] {
  const [first = '', ...others] = names;
  if (others.length === 0) return [...names];
  let shared = 0;
  while (shared < first.length && others.every(name => name[shared] === first[shared])) shared++;
  const word = first.lastIndexOf(' ', shared - 1) + 1;
  return names.map(name => (word > 0 && name.length > word ? `… ${name.slice(word)}` : name));
}
