import { expect, it } from 'vitest';
import { load } from '../../../load.js';
import { readModel, writeModel } from '../../index.js';
import { float, modelTree, node, placeholder, type TestWeight } from './testing.js';

/** A number that the graph knows, and its weight. */
const scalar = (name: string, value: number): [object, TestWeight] => [
  node(name, 'Const', [], { dtype: { type: 'DT_FLOAT' }, value: { tensor: { dtype: 'DT_FLOAT', tensorShape: {} } } }),
  { name, shape: [], dtype: 'float32', bytes: new Uint8Array(Float32Array.of(value).buffer) },
];

/** A loop over one number: from `start` on while it is less than `limit`; `body` names the node of the next number. */
const loop = (name: string, start: string, limit: string, body: string) => {
  const frame = { ...float, frame_name: { s: btoa(name) } };
  return [
    node(`${name}/enter`, 'Enter', [start], frame),
    node(`${name}/limit`, 'Enter', [limit], { ...frame, is_constant: { b: true } }),
    node(`${name}/merge`, 'Merge', [`${name}/enter`, `${name}/next`], { ...float, N: { i: '2' } }),
    node(`${name}/less`, 'Less', [`${name}/merge`, `${name}/limit`], float),
    node(`${name}/condition`, 'LoopCond', [`${name}/less`]),
    node(`${name}/switch`, 'Switch', [`${name}/merge`, `${name}/condition`], float),
    node(`${name}/now`, 'Identity', [`${name}/switch:1`], float),
    node(`${name}/next`, 'NextIteration', [body], float),
    node(`${name}/exit`, 'Exit', [`${name}/switch`], float),
  ];
};

async function run(nodes: readonly object[], scalars: readonly [object, TestWeight][], x: number): Promise<number> {
  const all = [placeholder('x', []), ...scalars.map(([made]) => made), ...nodes];
  const weights = scalars.map(([, weight]) => weight);
  const signature = { outputs: { y: { name: 'y', dtype: 'DT_FLOAT', tensorShape: {} } } };
  const model = await load(writeModel(readModel(modelTree(all, weights, { signature }))));
  return model.run([Float32Array.of(x)]).y?.data[0] as number;
}

it('a loop that starts where another ends is read', async () => {
  const scalars = [scalar('ten', 10), scalar('hundred', 100), scalar('three', 3)];
  const nodes = [
    ...loop('first', 'x', 'ten', 'first/step'),
    node('first/step', 'AddV2', ['first/now', 'first/now'], float),
    ...loop('second', 'first/exit', 'hundred', 'second/step'),
    node('second/by', 'Enter', ['three'], { ...float, frame_name: { s: btoa('second') }, is_constant: { b: true } }),
    node('second/step', 'Mul', ['second/now', 'second/by'], float),
    node('y', 'Identity', ['second/exit'], float),
  ];
  // 1, 2, 4, 8, 16; 48, 144.
  expect(await run(nodes, scalars, 1)).toBe(144);
});

it('a condition in a round of a loop chooses between two branches', async () => {
  const frame = { ...float, frame_name: { s: btoa('while') }, is_constant: { b: true } };
  const scalars = [scalar('limit', 20), scalar('five', 5), scalar('one', 1)];
  const nodes = [
    ...loop('while', 'x', 'limit', 'step'),
    node('while/five', 'Enter', ['five'], frame),
    node('while/one', 'Enter', ['one'], frame),
    node('isSmall', 'Less', ['while/now', 'while/five'], float),
    node('choice', 'Switch', ['while/now', 'isSmall'], float),
    node('plus', 'AddV2', ['choice:1', 'while/one'], float),
    node('double', 'AddV2', ['choice', 'choice'], float),
    node('step', 'Merge', ['double', 'plus'], { ...float, N: { i: '2' } }),
    node('y', 'Identity', ['while/exit'], float),
  ];
  // 3, 4, 5, 10, 20.
  expect(await run(nodes, scalars, 3)).toBe(20);
});
