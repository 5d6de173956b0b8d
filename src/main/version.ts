/** The program's version, from package.json; bundlers insert it. */
import manifest from '../../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
