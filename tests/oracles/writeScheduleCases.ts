/** Prints the cases for schedules.py: `node tests/oracles/writeScheduleCases.ts | python3 tests/oracles/schedules.py`. */
import { scheduleKind } from '../../src/engine/schedules/registry.ts';
import { scheduleCases } from './scheduleCases.ts';

const filled = scheduleCases().map(each => ({
  ...each,
  params: scheduleKind(each.kind)!.schema.parse(each.params),
}));
process.stdout.write(JSON.stringify(filled));
