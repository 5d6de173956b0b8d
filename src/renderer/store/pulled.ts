/** Facts about a run that are asked of the studio again and again while somebody looks at them. */
import { useEffect, useRef, useState } from 'react';
import { ConnectionClosed } from '../../bridge/rpc.ts';
import { useStudio } from './studio.ts';

/** Milliseconds between two questions. */
const PACE = 400;

/**
 * What the studio answers, asked anew whenever `version` changes, one question at a time. The last answer stays until
 * the next is there; another `key` is another question, and begins with none.
 */
export function usePulled<T>(key: string, version: unknown, ask: () => Promise<T>): T | undefined {
  const [known, setKnown] = useState<{ key: string; answer: T }>();
  const isReady = useStudio(state => state.connection === 'ready');
  const latest = useRef({ key, ask });
  latest.current = { key, ask };
  const asking = useRef(false);
  const stale = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version asks again
  useEffect(() => {
    stale.current = true;
    if (asking.current || !isReady) return;
    asking.current = true;
    const pull = async () => {
      while (stale.current) {
        stale.current = false;
        const { key: of, ask: question } = latest.current;
        const answer = await question();
        if (of === latest.current.key) setKnown({ key: of, answer });
        await new Promise(resolve => setTimeout(resolve, PACE));
      }
    };
    pull()
      .catch(error => {
        // Asked again with the next version, or when the studio is back.
        if (!(error instanceof ConnectionClosed)) console.error(`${key} could not be read.`, error);
      })
      .finally(() => {
        asking.current = false;
      });
  }, [key, version, isReady]);
  return known?.key === key ? known.answer : undefined;
}
