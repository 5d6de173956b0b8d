/**
 * All diagnoses of a network beyond layers' own faults, by a table of rules, one file per theme. Each warning says what
 * is lost, with numbers, and how to repair it.
 */
import { repairScope } from '../applyRepair.ts';
import { type Diagnosis, withRepairs } from '../diagnosis.ts';
import type { NodeId } from '../document.ts';
import { inFirstCopy } from '../expand.ts';
import type { ArithmeticPart, Inference, NodeInference } from '../inference.ts';
import { capacityRules } from './capacityRules.ts';
import { withRemedies } from './graphRepairs.ts';
import { endingRules } from './outputRules.ts';
import { consumersOf, layerAt, type Rule, type RuleContext, ruleContextOf } from './ruleContext.ts';
import { sequenceRules } from './sequenceRules.ts';
import { structureFaults } from './structureRules.ts';
import { windowRules } from './windowRules.ts';

const rules: readonly Rule[] = [...windowRules, ...sequenceRules, ...capacityRules, ...endingRules];
const nodeRules = rules.filter(({ scope }) => scope === 'node');
const networkRules = rules.filter(({ scope }) => scope === 'network');

const diagnosed = new WeakMap<Inference, readonly Diagnosis[]>();

/**
 * Every diagnosis: faults of nodes, of the wiring, and warnings. Computed on first use and cached, as shapes are needed
 * at each edit but messages are not.
 */
export function diagnose(inference: Inference): readonly Diagnosis[] {
  const { part } = inference;
  const known = diagnosed.get(inference) ?? (part ? diagnosesOfPart(part) : ofWhole(inference));
  diagnosed.set(inference, known);
  return known;
}

/** The diagnoses of the whole network, with the ids that its nodes have in the part. */
function diagnosesOfPart({ whole, nodeHere }: ArithmeticPart): readonly Diagnosis[] {
  return diagnose(whole).flatMap(diagnosis => {
    const node = nodeHere(diagnosis.node);
    if (node === undefined) return [];
    const { severity, code, message } = diagnosis;
    return [withRepairs({ node, severity, code, message }, () => diagnosis.repairs)];
  });
}

function ofWhole(inference: Inference): readonly Diagnosis[] {
  const context = ruleContextOf(inference);
  const { nodes, order } = context;
  const faults = [...nodes.values()].flatMap(({ diagnoses }) => diagnoses);
  const errors = [...faults, ...structureFaults(context)].map(fault => withRemedies(fault, context));
  const warnings = order.flatMap(id => nodeWarnings(id, context));
  const isSound = !errors.some(({ severity }) => severity === 'error');
  // Network rules apply to complete networks only, not while a layer still lacks its input.
  const whole = isSound ? order.flatMap(id => apply(networkRules, id, context)) : [];
  const all = [...errors, ...warnings, ...whole];
  return context.copies.size === 0 ? all : oncePerBlock(all);
}

/**
 * Reports what is the same in all repetitions of a block once, for the first. Repairs that would change two drawings at
 * once are not offered.
 */
function oncePerBlock(diagnoses: readonly Diagnosis[]): Diagnosis[] {
  const seen = new Set<string>();
  return diagnoses.flatMap(diagnosis => {
    const { node, code } = diagnosis;
    const layer = node === null ? null : inFirstCopy(node);
    const key = `${code} ${layer}`;
    if (layer !== null && layer !== node && seen.has(key)) return [];
    seen.add(key);
    const { severity, message } = diagnosis;
    const inOne = () => diagnosis.repairs.filter(repair => repairScope(node, repair) !== undefined);
    return [withRepairs({ node, severity, code, message }, inOne)];
  });
}

function apply(table: readonly Rule[], id: NodeId, context: RuleContext): Diagnosis[] {
  const layer = layerAt(context, id);
  if (!layer) return [];
  return table.flatMap(({ code, severity, find }) => {
    const found = find(layer, context);
    return found ? [{ node: id, severity, code, ...found }] : [];
  });
}

interface Known {
  readonly consumers: readonly (NodeInference['meaning'] | undefined)[];
  readonly found: readonly Diagnosis[];
}

/** Findings of node rules, valid as long as a node, its inputs and its consumers are the same. */
const nodeRuleCache = new WeakMap<NodeInference['meaning'], Known>();

function nodeWarnings(id: NodeId, context: RuleContext): readonly Diagnosis[] {
  const { meaning } = context.nodes.get(id)!;
  const consumers = consumersOf(context, id).map(consumer => context.nodes.get(consumer)?.meaning);
  const before = nodeRuleCache.get(meaning);
  const isSame =
    before?.consumers.length === consumers.length &&
    before.consumers.every((each, i) => each === consumers[i]);
  if (before && isSame) return before.found;
  const found = apply(nodeRules, id, context);
  nodeRuleCache.set(meaning, { consumers, found });
  return found;
}
