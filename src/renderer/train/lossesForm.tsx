/** What training makes small: the losses of each answer that the network gives, with their weights. */
import { ActionIcon, Button } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type Answer, answers, type LossTerm, lossTermSchema } from '../../engine/graph/document.ts';
import { headAnswersOf } from '../../engine/graph/headAnswers.ts';
import { initialValues } from '../../engine/layers/fields.ts';
import { explainIssues } from '../../engine/layers/parameterErrors.ts';
import { lossKind, lossKindsOf } from '../../engine/losses/registry.ts';
import { useInference } from '../store/documentInference.ts';
import { editTraining, endGesture, useDocument } from '../store/openDocument.ts';
import { useTraining } from '../store/trainingRun.ts';
import { ChosenKind } from '../ui/fields/chosenKind.tsx';
import { errorId, FieldRow } from '../ui/fields/fieldRow.tsx';
import { NumberInput } from '../ui/fields/textInput.tsx';
import { useChosenDataset, usePixelCounts, useTrainCounts } from './classImageCounts.ts';
import { ClassWeights } from './classWeightsForm.tsx';

const titles: Readonly<Record<Answer, string>> = {
  class: 'Loss of the class',
  box: 'Loss of the box',
  mask: 'Loss of the mask',
};

/** One section for each answer that the network gives or a loss asks for. */
export function LossSections() {
  const losses = useDocument(state => state.document.training.losses);
  const inference = useInference();
  const given = headAnswersOf(inference, losses).map(({ answer }) => answer);
  const asked = answers.filter(each => given.includes(each) || losses.some(({ answer }) => answer === each));
  return asked.map(answer => (
    <section key={answer} className="section" aria-label={titles[answer]}>
      <h2>{asked.length === 1 ? 'Loss function' : titles[answer]}</h2>
      {losses.map((term, index) =>
        term.answer === answer ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: a term is known by its place alone
          <Term key={index} term={term} index={index} losses={losses} />
        ) : null,
      )}
      <Button
        leftSection={<IconPlus size={13} />}
        title="Several losses of one answer are added, each times its weight."
        onClick={() => editTraining({ losses: [...losses, newTerm(answer, losses)] })}
      >
        Add a loss
      </Button>
    </section>
  ));
}

/** The first loss of an answer that is not there yet. */
function newTerm(answer: Answer, losses: readonly LossTerm[]): LossTerm {
  const kinds = lossKindsOf(answer);
  const taken = losses.filter(term => term.answer === answer).map(({ kind }) => kind);
  const kind = kinds.find(each => !taken.includes(each.kind)) ?? kinds[0]!;
  const params = initialValues(kind.fields) as LossTerm['params'];
  return { answer, kind: kind.kind, params, weight: 1 };
}

interface TermProps {
  term: LossTerm;
  index: number;
  losses: LossTerm[];
}

function Term({ term, index, losses }: TermProps) {
  const id = `loss-${index}`;
  const dataset = useChosenDataset();
  const imageCounts = useTrainCounts();
  const isMask = term.answer === 'mask';
  const pixelCounts = usePixelCounts(isMask ? dataset : undefined);
  const fields = Object.entries(lossKind(term.kind)?.fields ?? {});
  const perClass = fields.filter(([, field]) => field.perClass);
  const change = (next: Partial<LossTerm>, gesture?: string) =>
    editTraining({ losses: losses.with(index, { ...term, ...next }) }, gesture);
  return (
    <div className="train-item">
      <ChosenKind
        id={id}
        kinds={lossKindsOf(term.answer)}
        chosen={term}
        apart={name => perClass.some(([each]) => each === name)}
        onChange={change}
        onDone={endGesture}
      />
      {dataset &&
        perClass.map(([name, field]) => (
          <ClassWeights
            key={name}
            id={`${id}-${name}`}
            field={field}
            value={term.params[name] ?? field.initial}
            classes={isMask ? dataset.maskClasses : dataset.classes}
            counts={isMask ? pixelCounts : imageCounts}
            unit={isMask ? 'pixel' : 'image'}
            onChange={(weights, typed) => {
              const params = { ...term.params, [name]: weights } as LossTerm['params'];
              change({ params }, typed ? `${id} ${name}` : undefined);
            }}
          />
        ))}
      {losses.length > 1 && (
        <>
          <Weight term={term} index={index} losses={losses} />
          <div className="train-item-actions">
            <ActionIcon
              aria-label={`Remove ${term.kind}`}
              title="Remove this loss"
              onClick={() => {
                useTraining.setState({ drafts: {} });
                editTraining({ losses: losses.filter((_, i) => i !== index) });
              }}
            >
              <IconX size={14} />
            </ActionIcon>
          </div>
        </>
      )}
    </div>
  );
}

function Weight({ term, index, losses }: TermProps) {
  const id = `loss-${index}-weight`;
  const draft = useTraining(state => state.drafts[id]);
  const parsed = draft === undefined ? undefined : lossTermSchema.shape.weight.safeParse(draft);
  const error = parsed && !parsed.success ? explainIssues(parsed.error.issues, false) : undefined;
  const change = (next: number | string) => {
    const { [id]: _before, ...drafts } = useTraining.getState().drafts;
    const valid = lossTermSchema.shape.weight.safeParse(next);
    useTraining.setState({ drafts: valid.success ? drafts : { ...drafts, [id]: next } });
    if (valid.success) editTraining({ losses: losses.with(index, { ...term, weight: valid.data }) }, id);
  };
  return (
    <FieldRow id={id} label="Share" help="What this loss counts beside the others." error={error}>
      <NumberInput
        id={id}
        value={draft ?? term.weight}
        invalid={error !== undefined}
        describedBy={errorId(id)}
        onChange={change}
        onDone={endGesture}
      />
    </FieldRow>
  );
}
