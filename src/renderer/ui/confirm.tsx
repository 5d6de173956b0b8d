/** Questions that need an answer before something is done. One at a time; the answer is a promise. */
import { Button, Group, Modal, Text } from '@mantine/core';
import { create } from 'zustand';

interface PendingAnswer {
  label: string;
  /** What it means to whoever asked. */
  value: string;
  /** `main`: what is likely wanted; `danger`: what cannot be undone. */
  tone?: 'main' | 'danger';
}

interface Question {
  title: string;
  text: string;
  answers: readonly PendingAnswer[];
}

interface Pending extends Question {
  answer: (value: string | undefined) => void;
}

const useQuestion = create<{ question: Pending | null }>(() => ({ question: null }));

/** Resolves to the chosen answer's value; undefined where the question was put away. */
export function askQuestion(question: Question): Promise<string | undefined> {
  return new Promise(resolve => {
    const answer = (value: string | undefined) => {
      useQuestion.setState({ question: null });
      resolve(value);
    };
    useQuestion.setState({ question: { ...question, answer } });
  });
}

/** Asks before something that cannot be undone. */
export async function confirm(title: string, text: string, action: string): Promise<boolean> {
  const answers: PendingAnswer[] = [{ label: action, value: 'yes', tone: 'danger' }];
  return (await askQuestion({ title, text, answers })) === 'yes';
}

/** Where the questions appear; stands once in the window. */
export function QuestionDialog() {
  const question = useQuestion(state => state.question);
  return (
    <Modal
      opened={question !== null}
      onClose={() => question?.answer(undefined)}
      title={question?.title}
      size="md"
    >
      <Text>{question?.text}</Text>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button data-autofocus onClick={() => question?.answer(undefined)}>
          Cancel
        </Button>
        {question?.answers.map(({ label, value, tone }) => (
          <Button
            key={value}
            variant={tone === undefined ? 'default' : 'filled'}
            {...(tone === 'danger' ? { color: 'red' } : {})}
            onClick={() => question.answer(value)}
          >
            {label}
          </Button>
        ))}
      </Group>
    </Modal>
  );
}
