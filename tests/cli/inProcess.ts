/** The command line in the test's own process, many times faster than one for each call. */
import { vi } from 'vitest';
import { commandLine } from '../../src/main/cli/commandLine.ts';

export interface Result {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

export async function receptive(...args: string[]): Promise<Result> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map(stream =>
    vi.spyOn(process[stream], 'write').mockImplementation(text => {
      written[stream] += String(text);
      return true;
    }),
  );
  try {
    return { code: await commandLine(args), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
