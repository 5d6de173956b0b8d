/** Prints the cases as JSON for make.py: `node tests/oracles/writeCases.ts | python3 tests/oracles/make.py`. */
import { batchOf, cases, weightsOf } from './cases.ts';

const plain = cases().map(each => ({
  ...each,
  input: batchOf(each).get('input')!.shape,
  classes: [...batchOf(each).get('target')!.values],
  bounds: Object.fromEntries([...weightsOf(each)].map(([name, { shape }]) => [name, shape])),
}));
process.stdout.write(JSON.stringify(plain));
