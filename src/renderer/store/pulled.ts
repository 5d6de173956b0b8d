/**
 * Facts that are asked of the studio again and again while somebody looks at them. What a component looks at is a
 * question with a version: React Query keeps the answers, asks once for all who ask the same, and forgets what nobody
 * looks at any more; asked again is by version, one question at a time.
 */
import { QueryClient, type QueryObserverOptions, useQueries, useQuery } from '@tanstack/react-query';
import { ConnectionClosed } from '../../bridge/rpc.ts';
import { useStudio } from './studioState.ts';

/** Milliseconds between two questions. */
const PULL_INTERVAL_MS = 400;

/** The studio is on this machine, and the line to it tries again by itself (connection.ts). */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      // Answers are columns and matrices: to compare them costs more than to draw them.
      structuralSharing: false,
    },
  },
});

export interface Question<T> {
  /** Two questions of one key are the same, and have the same version. */
  readonly key: readonly (string | number | null)[];
  /** Another version of the same question is asked anew; the last answer stays until the next is there. */
  readonly version?: unknown;
  /** Whether the answer to a version stays as it is; else whoever looks anew asks again. */
  readonly lasts?: boolean;
  readonly ask: () => Promise<T>;
  /** Told why there is no answer; a lost connection is no failure. */
  readonly onFailure?: (error: unknown) => void;
}

/** The last answer, and which version was asked for last; an answer stays where a later one could not be had. */
interface Pulled<T> {
  readonly version: unknown;
  readonly answer: T | undefined;
  /** Whether there is none to this version. */
  readonly failed: boolean;
}

/** The version of what the studio went away over: it is asked again. */
const UNANSWERED = Symbol('unanswered');

/** @param isReady whether there is a studio to ask */
export function pulledQuery<T>(
  question: Question<T> | null,
  isReady: boolean,
): QueryObserverOptions<Pulled<T>> {
  const { key, version, lasts, ask, onFailure } = question ?? NO_QUESTION;
  return {
    queryKey: key,
    enabled: isReady && question !== null,
    queryFn: async ({ client, queryKey }) => {
      try {
        return { version, answer: (await ask()) as T, failed: false };
      } catch (error) {
        const isLost = error instanceof ConnectionClosed;
        if (!isLost) (onFailure ?? logFailure(key))(error);
        const answer = client.getQueryData<Pulled<T>>(queryKey)?.answer;
        return { version: isLost ? UNANSWERED : version, answer, failed: true };
      }
    },
    staleTime: ({ state: { data } }) =>
      lasts && data && !data.failed && Object.is(data.version, version) ? Number.POSITIVE_INFINITY : 0,
    refetchInterval: ({ state: { data, dataUpdatedAt, fetchStatus } }) => {
      if (data === undefined || Object.is(data.version, version)) return false;
      if (fetchStatus === 'fetching') return PULL_INTERVAL_MS;
      return Math.max(1, dataUpdatedAt + PULL_INTERVAL_MS - Date.now());
    },
    refetchIntervalInBackground: true,
  };
}

const NO_QUESTION: Question<unknown> = { key: [], ask: async () => undefined };

const logFailure = (key: Question<unknown>['key']) => (error: unknown) =>
  console.error(`What was asked could not be read: ${key.join(' ')}.`, error);

/** What the studio answers; undefined until it did, and where nothing is asked. */
export function usePulled<T>(question: Question<T> | null): T | undefined {
  const isReady = useIsReady();
  return useQuery(pulledQuery(question, isReady)).data?.answer;
}

/** The same of several questions at once, in their order. */
export function useAllPulled<T>(questions: readonly Question<T>[]): readonly (T | undefined)[] {
  const isReady = useIsReady();
  const results = useQueries({ queries: questions.map(question => pulledQuery(question, isReady)) });
  return results.map(({ data }) => data?.answer);
}

const useIsReady = () => useStudio(state => state.connection === 'ready');

/**
 * Asks whenever it is told to, one question at a time, and once more where it was told to meanwhile.
 *
 * @param what names it where it fails
 */
export function puller(what: string, question: () => Promise<void>): () => void {
  let asking = false;
  let stale = false;
  const pull = async () => {
    asking = true;
    try {
      while (stale) {
        stale = false;
        await question();
        await new Promise(resolve => setTimeout(resolve, PULL_INTERVAL_MS));
      }
    } catch (error) {
      // Asked again with the next version, or when the studio is back.
      if (!(error instanceof ConnectionClosed)) console.error(`${what} could not be read.`, error);
    } finally {
      asking = false;
    }
  };
  return () => {
    stale = true;
    if (!asking) void pull();
  };
}
