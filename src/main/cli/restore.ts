/** `receptive restore`: puts back a backup of a workspace's database. */
import { restoreBackup } from '../database/restoreBackup.ts';
import { type Command, print } from './command.ts';

export const restore: Command = {
  name: 'restore',
  usage: '[DAY]',
  summary:
    "Puts back a backup of the workspace's database, the newest that is sound or that of a day, such as 2026-05-04. The present one is kept beside it. A backup is made each day when Receptive closes.",
  options: {},
  positionals: [0, 1],
  async run(invocation) {
    const restored = restoreBackup(invocation.workspace, invocation.positionals[0]);
    print(invocation, restored, () => [
      restored.kept === null
        ? `The backup of ${restored.backup} is put back.`
        : `The backup of ${restored.backup} is put back; what was there is kept as ${restored.kept}.`,
    ]);
    return 0;
  },
};
