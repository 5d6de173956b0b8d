/** `receptive weights`: what is in a file of weights, and which network it fits. */
import { fitsOfZoo } from '../../engine/formats/fitZoo.ts';
import { summaryOf, takenTensors, type WeightMatch } from '../../engine/formats/matchWeights.ts';
import { safetensorsParts } from '../../engine/formats/safetensors.ts';
import type { WeightsFile } from '../../engine/formats/weightsFile.ts';
import { shapeText, sizeOf } from '../../engine/layers/shape.ts';
import { sizeText } from '../errorSentences.ts';
import { withWeightsFile } from '../readWeightsFile.ts';
import { UserError } from '../userError.ts';
import { type Command, paragraphs, print, table, text, UsageError } from './command.ts';
import { cannotBeRead, writeNew } from './projectFile.ts';
import { matchOptions, wantedMatches } from './weightChoices.ts';

export const weights: Command = {
  name: 'weights',
  usage: 'FILE [--model NAME | --project FILE] [-o OUT.safetensors]',
  summary: 'What is in a file of weights (safetensors, .pth, .pt), and which network it fits.',
  options: {
    ...matchOptions,
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'write what is taken as safetensors, by the names of the network; nothing is overwritten',
    },
  },
  positionals: [1, 1],
  async run(invocation) {
    const path = invocation.positionals[0]!;
    const output = text(invocation, 'output');
    const report = reading(path, file => {
      const matches = wantedMatches([...file.tensors.values()], invocation);
      if (output !== undefined) {
        if (!matches) throw new UsageError('-o wants --model or --project: its names are written.');
        convert(output, file, matches);
      }
      return reportOf(file, matches);
    });
    print(invocation, report, () => readable(path, report));
    return 0;
  },
};

function reading<T>(path: string, read: (file: WeightsFile) => T): T {
  try {
    return withWeightsFile(path, read);
  } catch (error) {
    throw cannotBeRead(path, error);
  }
}

/** How many networks are told of. */
const MOST_FITS = 3;

function reportOf(
  { format, within, beside, metadata, tensors }: WeightsFile,
  table: readonly WeightMatch[] | undefined,
) {
  const listed = [...tensors.values()].map(({ name, shape, type }) => ({ name, shape, type }));
  const fits = fitsOfZoo(listed, MOST_FITS).map(({ model, size, summary }) => {
    return { model: model.name, title: model.title, ...size, ...summary };
  });
  const matches = table?.map(({ slot, tensor, by, finding, choice }) => {
    return { weight: slot, tensor, by, finding, choice };
  });
  const numbers = listed.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { format, within, beside, metadata, numbers, tensors: listed, fits, ...(matches && { matches }) };
}

type Report = ReturnType<typeof reportOf>;

/** What is taken, as safetensors by the network's names. @throws UserError where nothing is */
function convert(path: string, { tensors }: WeightsFile, matches: readonly WeightMatch[]): void {
  const taken = takenTensors(matches, tensors);
  if (taken.length === 0) throw new UserError('No tensor of the file fits the network: nothing was written.');
  writeNew(path, safetensorsParts(taken, { format: 'pt' }));
}

const FLOAT_BYTES = 4;

function readable(path: string, report: Report): string[] {
  const { format, within, beside, numbers, tensors, matches } = report;
  const place = within.length > 0 ? `, in ${within.join(' › ')}` : '';
  const size = sizeText(numbers * FLOAT_BYTES);
  const about = [
    `${path}: ${format}, ${tensors.length} tensors, ${numbers} numbers (${size} as float32)${place}`,
  ];
  if (beside.length > 0) about.push(`not read: ${listed(beside)}`);
  const rows = tensors.map(({ name, shape, type }) => [name, extentsText(shape), type]);
  const content = matches ? matchTable(matches) : table(['name', 'shape', 'type'], rows);
  return paragraphs(about, content, fitLines(report));
}

const extentsText = (shape: readonly number[]) => (shape.length === 0 ? 'one number' : shapeText(shape));

/** The names, as many as a line has room for. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).map(name => name.slice(0, 40));
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ');
}

function matchTable(matches: NonNullable<Report['matches']>): string[] {
  const rows = matches.map(({ weight, tensor, by, finding, choice }) => [
    ...(weight ? [weight.name, shapeText(weight.shape)] : ['', '']),
    ...(tensor ? [tensor.name, extentsText(tensor.shape)] : ['', '']),
    by === null ? finding : `${finding}, by ${by}`,
    choice,
  ]);
  return table(['weight', 'shape', 'tensor', 'shape', 'found', 'choice'], rows);
}

function fitLines({ fits, matches }: Report): string[] {
  if (matches) {
    const { taken, missing, otherShape, leftOver, ofNetwork } = summaryOf(matches.map(asMatch));
    return [
      `${taken} taken, ${percent(ofNetwork)} of the network's numbers; ${missing} missing, ${otherShape} of another shape, ${leftOver} left over`,
    ];
  }
  const [best] = fits;
  if (best?.ofNetwork === 1 && best.ofFile === 1)
    return [`${best.title} (${best.model}), ${best.classes} classes: fits as it is`];
  if (fits.length === 0)
    return ['It fits no network of the zoo; --project FILE shows how it fits one of yours.'];
  return fits.map(({ title, model, classes, ofNetwork, missing, otherShape, leftOver }) => {
    const rest = `${missing} missing, ${otherShape} of another shape, ${leftOver} left over`;
    return `${title} (${model}), ${classes} classes: ${percent(ofNetwork)} of its numbers; ${rest}`;
  });
}

function asMatch({ weight: slot, ...rest }: NonNullable<Report['matches']>[number]): WeightMatch {
  return { slot, ...rest, choices: [rest.choice] };
}

/** Rounded down: what is not all is not called so. */
const percent = (share: number) => `${Math.floor(share * 1000) / 10} %`;
