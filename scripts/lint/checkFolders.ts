/**
 * Names every import of src/ that crosses a wall: `node scripts/lint/checkFolders.ts [ROOT]`, a part of `npm run lint`.
 * ROOT is the folder in which src/ is; without it, this repository. `--write` writes the table of folders into
 * docs/architecture.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { violations } from './folderRules.ts';
import { folders } from './folders.ts';
import { foldersTable } from './foldersTable.ts';

const [argument] = process.argv.slice(2);
const repository = join(import.meta.dirname, '../..');

if (argument === '--write') {
  const file = join(repository, 'docs/architecture.md');
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace(/\| folder \|.*\n(\|.*\n)*/, () => `${foldersTable(folders)}\n`),
  );
} else {
  const sentences = violations(argument ?? repository, folders);
  for (const sentence of sentences) console.error(sentence);
  process.exitCode = sentences.length > 0 ? 1 : 0;
}
