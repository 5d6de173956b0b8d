/** A temporary folder for one test, gone after it. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../../src/main/database/workspace.ts';

export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'receptive-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Opens a workspace and closes it after the test. */
export function openFor(
  folder: string,
  mode: WorkspaceOptions['mode'] = 'write',
  what = 'a test',
): Workspace {
  const workspace = openWorkspace(folder, { mode, what });
  onTestFinished(() => workspace.close());
  return workspace;
}
