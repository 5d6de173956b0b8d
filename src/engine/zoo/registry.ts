/** The registry of zoo models: one line each. */
import { lenet } from './lenet.ts';
import { simpleCnn } from './simpleCnn.ts';
import { smallCnn } from './smallCnn.ts';
import type { ZooModel } from './zoo.ts';

const models: readonly ZooModel[] = [lenet, smallCnn, simpleCnn];

export function zooModels(): readonly ZooModel[] {
  return models;
}

export function zooModel(name: string): ZooModel | undefined {
  return models.find(model => model.name === name);
}
