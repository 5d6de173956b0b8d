/** Prints the generated code as JSON for code.py and kerasCode.py, which tell how they are called. */
import { sizeOf } from '../../src/engine/layers/shape.ts';
import { attributesOf, codeCases, hashOf, kerasText, pytorchText } from './codeCases.ts';

const plain = codeCases().map(each => {
  const { name, inference } = each;
  const [entrance] = inference.order;
  const input = inference.nodes.get(entrance!)!.figures!.shape;
  const [pytorch, keras] = [pytorchText(each), kerasText(each)];
  const renamed = [...attributesOf(inference)].flatMap(([id, attribute]) => {
    const { name: own } = inference.nodes.get(id)!.node;
    return own === attribute ? [] : [[attribute, own]];
  });
  const hashes = { pytorch: hashOf(pytorch), keras: hashOf(keras) };
  return {
    name,
    input,
    size: sizeOf(input),
    parameters: inference.totals.parameters,
    pytorch,
    keras,
    hashes,
    renamed: Object.fromEntries(renamed),
  };
});
process.stdout.write(JSON.stringify(plain));
