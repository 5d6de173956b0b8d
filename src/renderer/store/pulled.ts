/** Facts about a run that are asked of the studio again and again while somebody looks at them. */
import { useEffect, useRef, useState } from 'react';
import { ConnectionClosed } from '../../bridge/rpc.ts';
import { useStudio } from './studioState.ts';

/** Milliseconds between two questions. */
const PULL_INTERVAL_MS = 400;

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

/**
 * What the studio answers, asked anew whenever `version` changes, one question at a time. The last answer stays until
 * the next is there; another `key` is another question, and begins with none.
 */
export function usePulled<T>(key: string, version: unknown, ask: () => Promise<T>): T | undefined {
  const [known, setKnown] = useState<{ key: string; answer: T }>();
  const isReady = useStudio(state => state.connection === 'ready');
  const latest = useRef({ key, ask });
  latest.current = { key, ask };
  const [pull] = useState(() =>
    puller(key, async () => {
      const { key: of, ask: question } = latest.current;
      const answer = await question();
      if (of === latest.current.key) setKnown({ key: of, answer });
    }),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version asks again
  useEffect(() => {
    if (isReady) pull();
  }, [key, version, isReady]);
  return known?.key === key ? known.answer : undefined;
}
