/** Prints the networks for fields.py: `node tests/oracles/writeFieldCases.ts | python3 tests/oracles/fields.py`. */
import { fieldCases } from './fieldCases.ts';

process.stdout.write(JSON.stringify(fieldCases()));
