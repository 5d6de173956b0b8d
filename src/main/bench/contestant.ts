/**
 * A benchmark process that runs steps on request: our engine (engineContestant.ts) or PyTorch (resources/torchBench.py). Both
 * speak lines of JSON: the first answer says who it is, then each line with a number of seconds is answered by
 * what was done in them. Between two turns it sleeps, so that the other has the machine to itself.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { UserError } from '../userError.ts';

export interface Turn {
  readonly steps: number;
  readonly seconds: number;
  /** Of the processor, all threads together: what does not mind that others use it too. */
  readonly cpuSeconds: number;
  /** The process's largest resident set so far. */
  readonly peakBytes: number;
}

export interface ContestantOptions {
  /** As it is called where something is said of it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The first line of its input. */
  readonly task: object;
}

export class Contestant {
  readonly name: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #ended: Promise<string>;
  #complaints = '';

  private constructor({ name, command, args, env, task }: ContestantOptions) {
    this.name = name;
    const child = spawn(command, args, { env: { ...process.env, ...env } });
    this.#process = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.on('data', chunk => {
      this.#complaints += chunk;
    });
    // Whatever a process leaves unread when it dies shows in what it said.
    child.stdin.on('error', () => {});
    this.#ended = new Promise(resolve => {
      child.on('error', error => resolve(error.message));
      child.on('close', () => resolve(this.#complaints.trim().split('\n').at(-1) || 'it ended early'));
    });
    this.#say(JSON.stringify(task));
  }

  /** @throws UserError where it cannot run, with the last line that it said */
  static async enter<Introduction>(options: ContestantOptions): Promise<[Contestant, Introduction]> {
    const contestant = new Contestant(options);
    return [contestant, (await contestant.#answer()) as Introduction];
  }

  /** Runs at least one step, for as long as `seconds`. */
  async turn(seconds: number): Promise<Turn> {
    this.#say(String(seconds));
    return (await this.#answer()) as Turn;
  }

  leave(): void {
    this.#process.stdin.end();
  }

  #say(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  async #answer(): Promise<unknown> {
    const failed = this.#ended.then(reason => new UserError(`${this.name} cannot run: ${reason}`));
    const answer = await Promise.race([this.#answers.next(), failed]);
    if (answer instanceof UserError) throw answer;
    if (answer.done) throw await failed;
    return JSON.parse(answer.value);
  }
}
