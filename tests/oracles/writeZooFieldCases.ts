/** Prints the networks for zooFields.py: `node tests/oracles/writeZooFieldCases.ts | python3 tests/oracles/zooFields.py`. */
import { zooFieldCases } from './zooFieldCases.ts';

process.stdout.write(JSON.stringify(zooFieldCases()));
