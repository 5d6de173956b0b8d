/** Entry of the web host, as `npm start` runs it where there is no Electron. */
import { UserError } from '../userError.ts';
import { parseServeOptions, serve, serveHelp } from './serve.ts';

try {
  const options = parseServeOptions(process.argv.slice(2));
  if (options) await serve(options);
  else process.stdout.write(`${serveHelp}\n`);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
