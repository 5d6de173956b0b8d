/** A process of its own that opens the workspace given as its argument and holds it until it is killed. */
import { openWorkspace } from '../../src/main/database/workspace.ts';

openWorkspace(process.argv[2]!, { mode: 'write', what: 'the first studio' });
console.log('open');
setInterval(() => undefined, 1000);
