/** Entry of the command line. */
import { reportUncaught } from '../terminal.ts';
import { commandLine } from './commandLine.ts';

reportUncaught();
const code = await commandLine(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
