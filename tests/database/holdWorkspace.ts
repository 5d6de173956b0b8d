/** A process of its own that opens the workspace given as its argument and holds it until it is killed. */
import { openWorkspace } from '../../src/main/database/workspace.ts';

const workspace = openWorkspace(process.argv[2]!, { mode: 'write', what: 'the first studio' });
console.log('open');
// Used again and again: what nothing refers to is collected, and its lock with it.
setInterval(() => workspace.fact('held'), 1000);
