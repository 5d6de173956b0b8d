/** The program's version, from package.json: bundlers put its text in place. */
import manifest from '../../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
