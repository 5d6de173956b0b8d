/** Entry of the web host, as `npm start` runs it where there is no Electron. */
import { printLines, reportUncaught, warn } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { parseServeOptions, serve, serveHelp } from './serve.ts';

reportUncaught();
try {
  const options = parseServeOptions(process.argv.slice(2));
  if (options) await serve(options);
  else printLines(...serveHelp);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  warn(error.message);
  process.exit(2);
}
