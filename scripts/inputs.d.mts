export interface Step {
  readonly title: string;
  readonly script: string;
  readonly reads: readonly string[];
  readonly programs: readonly (string | undefined)[];
  readonly results: readonly string[];
}

export type StepName = 'kernels' | 'bundles';

export const steps: Readonly<Record<StepName, Step>>;

export function inputsOf(root: string, step: Step): string[];

export function importedFrom(root: string, script: string): Set<string>;

export function stampOf(root: string, step: Step): string;

export function stampFrom(inputs: readonly (readonly [name: string | undefined, state: string])[]): string;

export function isDone(root: string, name: StepName): boolean;

export function stampFile(root: string, name: StepName): string;

export function digestOf(file: string): string;
