/** Prints the cases for shapes.py: `node tests/oracles/writeShapeCases.ts | python3 tests/oracles/shapes.py`. */
import { graphCases, shapeCases } from './shapeCases.ts';

process.stdout.write(JSON.stringify({ layers: shapeCases(), graphs: graphCases() }));
