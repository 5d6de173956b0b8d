/**
 * Pasted code means here what it means to Python, or is refused at its place: names, defaults, strings and numbers are
 * looked up and worked out as Python does it. What stands beside each text is what Python 3.13 and PyTorch make of it.
 */
import { describe, expect, it } from 'vitest';
import { readPastedCode } from '../../src/engine/formats/sequentialText.ts';

function kindsOf(text: string): string {
  const pasted = readPastedCode(text, [3, 32, 32]);
  if ('error' in pasted) throw new Error(`line ${pasted.error.place.line}: ${pasted.error.message}`);
  return Object.values(pasted.graph.nodes)
    .slice(1)
    .map(({ kind, params }) => (kind === 'Conv2d' ? `${kind}(${params.outChannels})` : kind))
    .join(' ');
}

const NET = 'net = nn.Sequential(nn.ReLU())\n';
const TANH = 'net.append(nn.Tanh())';

describe('is to Python what it is here', () => {
  it.each([
    // A default is worked out once, where the function is defined.
    ['n = 4\ndef f(c=n):\n  return nn.Conv2d(3, c, 3)\nn = 8\nnet = nn.Sequential(f())', 'Conv2d(4)'],
    ['def f(to=nn.Sequential()):\n  to.append(nn.ReLU())\n  return to\nf()\nnet = f()', 'ReLU ReLU'],
    // A function within another knows the names of that one, also those that get their values later.
    [
      'c = 8\ndef make():\n  c = 16\n  def f():\n    return nn.Conv2d(3, c, 3)\n  return f()\nnet = nn.Sequential(make())',
      'Conv2d(16)',
    ],
    [
      'c = 8\ndef make():\n  def f():\n    return nn.Conv2d(3, c, 3)\n  c = 4\n  return f()\nnet = nn.Sequential(make())',
      'Conv2d(4)',
    ],
    [`${NET}if True == 1: ${TANH}`, 'ReLU Tanh'],
    [`${NET}if 0 != False: ${TANH}`, 'ReLU'],
    [`${NET}if r"\\t" == "\\t": ${TANH}`, 'ReLU'],
    [`${NET}if "\\x41\\102\\u0043" == "ABC": ${TANH}`, 'ReLU Tanh'],
    [`${NET}if "\\q" == "q": ${TANH}`, 'ReLU'],
    ['act = None\nnet = nn.Sequential(nn.ReLU() if act is None else act())', 'ReLU'],
    [`${NET}if net is not None: ${TANH}`, 'ReLU Tanh'],
    ['ﬁ = 4\nfi = 5\nnet = nn.Sequential(nn.Conv2d(3, ﬁ, 3))', 'Conv2d(5)'],
    [`\ufeff${NET}`, 'ReLU'],
    ['cfg = {0: 4, 1: 5}\nnet = nn.Sequential(nn.Conv2d(3, cfg[1], 1))', 'Conv2d(5)'],
    ['acts = {"g": nn.GELU, "e": nn.ELU}\nnet = nn.Sequential(acts["e"](), acts["g"]())', 'ELU GELU'],
    [
      `def init(m):\n  if isinstance(m, (nn.Conv2d, nn.Linear)):\n    nn.init.kaiming_normal_(m.weight)\n    if m.bias is not None:\n      m.bias.data.zero_()\n${NET}net.apply(init)`,
      'ReLU',
    ],
  ])('%j', (text, kinds) => {
    expect(kindsOf(text)).toBe(kinds);
  });
});

describe('is refused where it could be read as another network', () => {
  it.each([
    [`${NET}if 1 == 1 == 1: ${TANH}`, 2, 'Comparisons in a row'],
    [`def f(m):\n  m.p = 0.9\nnet = nn.Sequential(nn.Dropout())\nnet.apply(f)`, 4, 'apply'],
    [`def f(m):\n  m.append(nn.Tanh())\n${NET}net.apply(f)`, 4, 'apply'],
    [`${NET}net.apply(net.append)`, 2, 'apply'],
    [`${NET}list(net.children())[0].p = 0.9`, 2, 'list'],
    [`${NET}next(net.modules()).pop(0)`, 2, 'next'],
    [`${NET}dict(net.named_modules())["0"].p = 0.1`, 2, 'dict'],
    [`${NET}list(net)[0].p = 0.1`, 2, 'list'],
    ['net = nn.Sequential(nn.Conv2d(3, 4, 3))\nnext(net.parameters()).requires_grad = False', 2, 'frozen'],
    [
      'c = 8\ndef f():\n  x = nn.Conv2d(3, c, 3)\n  c = 4\n  return x\nnet = nn.Sequential(f())',
      3,
      'no value',
    ],
    ['net = nn.Sequential(OrderedDict([("a", nn.ReLU())], b=nn.Tanh()))', 1, 'one list of pairs'],
    [`${NET}net.append(nn.Tanh(), nn.GELU())`, 2, 'takes module'],
    [`${NET}net.add_module("a.b", nn.Tanh())`, 2, 'no layer of the name'],
    [`${NET}net.add_module("append", nn.Tanh())`, 2, 'no layer of the name'],
    ['def f(a, c=3):\n  return nn.Conv2d(3, c, 3)\nnet = nn.Sequential(f(1, a=2))', 3, 'given twice'],
    ['net = nn.Sequential(nn.Conv2d(3, out_channels=4, 3))', 1, 'behind what has none'],
    ['def f(a=3, b):\n  return nn.Conv2d(3, b, 1)\nnet = nn.Sequential(f(4, 5))', 1, 'no default'],
    ['net = nn.Sequential(nn.Conv2d(3, 010, 3))', 1, '010'],
    ['net = nn.Sequential(nn.Conv2d(3, 3**40 % 10 + 3, 1))', 1, 'too large'],
    ['cfg = (4, 5, 6)\nnet = nn.Sequential(nn.Conv2d(3, cfg[1.5], 1))', 2, 'no such entry'],
    [`${NET}if b"a" == "a": ${TANH}`, 2, 'Bytes'],
    [`${NET}if 0:\n    ${TANH}\n  net.append(nn.GELU())`, 4, 'indented otherwise'],
  ])('%j', (text, line, part) => {
    const pasted = readPastedCode(text, [3, 32, 32]);
    if (!('error' in pasted)) throw new Error('the text was read');
    expect(pasted.error.message).toContain(part);
    expect(pasted.error.place.line).toBe(line);
  });
});

it('tuples that stand for more than there is memory are looked at once', () => {
  const doubled = `t = 1,\n${'t = t, t\n'.repeat(60)}foo(t)\n${NET}`;
  const deep = `t = 1,\n${'t = t,\n'.repeat(9000)}foo(t)\n${NET}`;
  for (const text of [doubled, deep]) expect(kindsOf(text)).toBe('ReLU');
});

it('a comment that says an image of no size, or of one that none has, is passed over', () => {
  for (const said of ['0×8×8', `${'9'.repeat(400)}×1×1`, '3×8×1000001']) {
    const pasted = readPastedCode(`# Input: ${said}\n${NET}`, [3, 32, 32]);
    if ('error' in pasted) throw new Error(pasted.error.message);
    expect(Object.values(pasted.graph.nodes)[0]!.params.shape).toEqual([3, 32, 32]);
  }
});
