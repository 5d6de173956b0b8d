/** Entry of the command line. */
import { commandLine, fail } from './commandLine.ts';

process.on('uncaughtException', error => process.exit(fail(error)));
const code = await commandLine(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
