/** What of a file of weights goes into which network, as the command line says it. */
import { fitOf } from '../../engine/formats/fitZoo.ts';
import {
  type MatchChoice,
  matchWeights,
  type WeightMatch,
  withChoice,
} from '../../engine/formats/matchWeights.ts';
import { type NamedShape, weightSlots } from '../../engine/formats/weightSlots.ts';
import { infer } from '../../engine/graph/infer.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { quoted } from '../arguments.ts';
import { UserError } from '../userError.ts';
import { type Invocation, listOf, type Options, text, UsageError } from './command.ts';
import { wantedModel } from './new.ts';
import { readProject } from './projectFile.ts';

export const matchOptions = {
  model: { type: 'string', value: 'NAME', help: 'show where each tensor goes in this network of the zoo' },
  project: { type: 'string', value: 'FILE', help: 'show where each tensor goes in this project' },
  choose: {
    type: 'string',
    multiple: true,
    value: 'WEIGHT=take|reshape|skip',
    help: 'another choice for a weight of the network; may be repeated',
  },
} as const satisfies Options;

/** The table for the network that is asked for; undefined where none is. */
export function wantedMatches(
  tensors: readonly NamedShape[],
  invocation: Invocation,
): readonly WeightMatch[] | undefined {
  const [model, project] = [text(invocation, 'model'), text(invocation, 'project')];
  if (model !== undefined && project !== undefined)
    throw new UsageError('Either --model or --project says where the tensors go: leave one out.');
  const choices = listOf(invocation, 'choose').map(choiceIn);
  if (model === undefined && project === undefined) {
    if (choices.length > 0)
      throw new UsageError('--choose wants --model or --project: their weights it names.');
    return undefined;
  }
  const matches =
    model === undefined
      ? matchWeights(weightSlots(infer(readProject(project!).graph)), tensors)
      : fitOf(wantedModel(model), tensors).matches;
  return choices.reduce(chosen, matches);
}

interface Choice {
  readonly weight: string;
  readonly choice: MatchChoice;
}

function choiceIn(given: string): Choice {
  const [, weight, choice] = /^(.+)=(take|reshape|skip)$/.exec(given) ?? [];
  if (weight !== undefined && choice !== undefined) return { weight, choice: choice as MatchChoice };
  throw new UsageError(
    `--choose takes a weight and what to do, as fc.weight=skip (take, reshape or skip); it got ${quoted(given)}.`,
  );
}

/** @throws UserError where the network has no such weight, or that cannot be done with it */
function chosen(matches: readonly WeightMatch[], { weight, choice }: Choice): readonly WeightMatch[] {
  const match = matches.find(({ slot }) => slot?.name === weight);
  if (!match?.slot) throw new UserError(`The network has no weight ${quoted(weight)}; the table lists them.`);
  if (match.choices.includes(choice)) return withChoice(matches, weight, choice);
  const { slot, tensor } = match;
  throw new UserError(
    tensor
      ? `${weight} cannot be chosen to ${choice}: it is ${shapeText(slot.shape)}, and ${tensor.name.slice(0, 100)} is ${shapeText(tensor.shape)}. It can: ${match.choices.join(', ')}.`
      : `${weight} cannot be chosen to ${choice}: the file has nothing for it.`,
  );
}
