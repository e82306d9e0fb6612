import { ModelError } from '../../../errors.js';
import { statelessSeeds } from '../../../numerics/philox.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { int32Input } from './shapes.js';

/** Seeds are 64-bit options. */
const seeds = (c: Lowering) => ({ seed: seedOf(c, 'seed'), seed2: seedOf(c, 'seed2') });

function seedOf(c: Lowering, name: string): bigint {
  const attr = c.attrs.value(name);
  return attr?.kind === 'int' ? BigInt(attr.value) : 0n;
}

const random =
  (op: string): Lower =>
  (c) => {
    const dtype = c.type('dtype', 'f32');
    if (dtype !== 'f32') throw new ModelError('unsupported', `draws ${dtype}; there are only random numbers of f32.`);
    return [c.emit(op, [int32Input(c, 0)], seeds(c))];
  };

/** Drawn from the seeds that the second input holds. */
const seeded =
  (op: string): Lower =>
  (c) => {
    const [seed = 0n, seed2 = 0n] = c.constant(1, 'seed').data() as BigInt64Array;
    const [first, second] = statelessSeeds(seed, seed2);
    c.warn('draws the same numbers as TensorFlow in the first run, and others in later ones.');
    return [c.emit(op, [int32Input(c, 0)], { seed: first, seed2: second })];
  };

/** Whole numbers from `min` to below `max`: a share of the interval, rounded down. */
const randomInt: Lower = (c) => {
  const [low, high] = [c.input(1), c.input(2)].map((v) =>
    castTo(v, 'f32', (n) => c.emitAll(n.op, n.inputs, n.options)),
  ) as [(typeof c.inputs)[0], (typeof c.inputs)[0]];
  const share = c.emit('RANDOM_UNIFORM', [int32Input(c, 0)], seeds(c));
  const floor = c.emit('FLOOR', [c.emit('MUL', [share, c.emit('SUB', [high, low])])]);
  const sum = c.emit('ADD', [floor, low]);
  return [castTo(sum, c.input(1).dtype, (n) => c.emitAll(n.op, n.inputs, n.options))];
};

/** The operator's option names no type: its result is 64-bit unless its inferred type says otherwise. */
const multinomial: Lower = (c) => {
  const dtype = c.type('output_dtype', 'i64');
  const count = c.input(1).constant?.numbers()[0] ?? -1;
  const batch = c.input(0).shape?.[0] ?? -1;
  return c.append('MULTINOMIAL', [c.input(0), int32Input(c, 1)], [{ dtype, shape: [batch, count] }], {
    options: seeds(c),
  });
};

/** Random numbers. */
export const randoms: Readonly<Record<string, Lower>> = {
  Multinomial: multinomial,
  RandomStandardNormal: random('RANDOM_STANDARD_NORMAL'),
  RandomUniform: random('RANDOM_UNIFORM'),
  RandomUniformInt: randomInt,
  StatelessRandomNormal: seeded('RANDOM_STANDARD_NORMAL'),
  StatelessRandomUniform: seeded('RANDOM_UNIFORM'),
};
