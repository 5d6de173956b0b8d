/** Progress on standard error: a line that is drawn over on a terminal, nothing elsewhere. */
import { printable } from '../terminal.ts';

export interface ProgressLine {
  show(done: number, total: number | null, note: string): void;
  /** Ends the line. */
  clear(): void;
}

const BAR_WIDTH = 24;

export function progressBar(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  return {
    show(done, total, note) {
      const share = total ? Math.min(1, done / total) : 0;
      const filled = Math.round(share * BAR_WIDTH);
      const bar = total ? `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ` : '';
      stream.write(`\r\x1b[K${bar}${done}${total ? ` of ${total}` : ''}  ${printable(note)}`);
    },
    clear: () => void stream.write('\r\x1b[K'),
  };
}
