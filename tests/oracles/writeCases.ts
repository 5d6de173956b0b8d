/**
 * Prints the cases as JSON for make.py: `node tests/oracles/writeCases.ts | python3 tests/oracles/make.py`. Names
 * as arguments: only those that begin so.
 */
import { batchOf, cases, targetsOf, weightsOf } from './cases.ts';
import { networkCases, smallBatch } from './networkCases.ts';

const wanted = process.argv.slice(2);
const plain = [...cases(), ...networkCases(), smallBatch()]
  .filter(({ name }) => wanted.length === 0 || wanted.some(start => name.startsWith(start)))
  .map(each => ({
    ...each,
    input: batchOf(each).get('input')!.shape,
    targets: Object.fromEntries(
      [...targetsOf(each)].map(([answer, { shape, values }]) => [answer, { shape, values: [...values] }]),
    ),
    bounds: Object.fromEntries([...weightsOf(each)].map(([name, { shape }]) => [name, shape])),
  }));
process.stdout.write(JSON.stringify(plain));
