import { describe, it } from 'vitest';
import type { DType } from '../../src/ir/tensor.js';
import { expectSame, type OneOp, type Operand, perTensor } from './one-op.js';

const [BATCH, STEPS, SIZE, CELLS, OUTPUTS] = [3, 4, 6, 8, 5];

const f32 = (...shape: number[]): Operand => ({ dtype: 'f32', shape });
const constant = (...shape: number[]): Operand => ({ ...f32(...shape), isConstant: true });
const variable = (...shape: number[]): Operand => ({ ...f32(...shape), isVariable: true });
const i8 = (...shape: number[]): Operand => ({
  dtype: 'i8',
  shape,
  quantization: perTensor(0.01),
  isConstant: true,
  range: [-127, 127],
});
type Weights = typeof constant;

interface LstmKind {
  readonly isCoupled?: boolean;
  readonly hasPeepholes?: boolean;
  readonly hasProjection?: boolean;
  readonly hasLayerNorm?: boolean;
}

/** Arguments 1-17 of an LSTM: weights, peepholes, biases and projection. */
function gates(
  weights: Weights,
  { isCoupled, hasPeepholes, hasProjection, hasLayerNorm }: LstmKind,
): (Operand | undefined)[] {
  const outputs = hasProjection ? OUTPUTS : CELLS;
  const four = (make: () => Operand | undefined) => [isCoupled ? undefined : make(), make(), make(), make()];
  const peephole = hasPeepholes ? weights(CELLS) : undefined;
  return [
    ...four(() => weights(CELLS, SIZE)),
    ...four(() => weights(CELLS, outputs)),
    isCoupled ? undefined : peephole,
    peephole,
    peephole,
    ...four(() => constant(CELLS)),
    hasProjection ? weights(outputs, CELLS) : undefined,
    hasProjection && !hasLayerNorm ? constant(outputs) : undefined,
  ];
}

const norms = ({ isCoupled, hasLayerNorm }: LstmKind) =>
  hasLayerNorm ? [isCoupled ? undefined : constant(CELLS), constant(CELLS), constant(CELLS), constant(CELLS)] : [];

function lstm(
  op: string,
  weights: Weights,
  kind: LstmKind,
  asymmetricQuantizeInputs: boolean,
  timeMajor = false,
): OneOp {
  const outputs = kind.hasProjection ? OUTPUTS : CELLS;
  const lead = op === 'LSTM' ? [BATCH] : timeMajor ? [STEPS, BATCH] : [BATCH, STEPS];
  return {
    op,
    inputs: [
      f32(...lead, SIZE),
      ...gates(weights, kind),
      variable(BATCH, outputs),
      variable(BATCH, CELLS),
      ...norms(kind),
    ],
    outputs: [f32(...lead, outputs)],
    options: {
      fusedActivationFunction: 'TANH',
      cellClip: 0.8,
      projClip: kind.hasProjection ? 0.9 : 0,
      asymmetricQuantizeInputs,
      ...(op === 'LSTM' ? { kernelType: 'FULL' } : { timeMajor }),
    },
  };
}

const KINDS: Readonly<Record<string, LstmKind>> = {
  plain: {},
  'coupled gates, peepholes': { isCoupled: true, hasPeepholes: true },
  'projection, peepholes': { hasPeepholes: true, hasProjection: true },
  'layer norm, projection': { hasLayerNorm: true, hasProjection: true },
  'layer norm, coupled gates': { hasLayerNorm: true, isCoupled: true },
};

const rows: [string, OneOp][] = [];
for (const [name, weights] of [
  ['f32', constant],
  ['i8', i8],
] as const)
  for (const isAsymmetric of name === 'i8' ? [false, true] : [false]) {
    const how = name === 'i8' ? `i8 weights, asymmetric ${isAsymmetric}` : 'f32';
    for (const [what, kind] of Object.entries(KINDS)) {
      rows.push([
        `UNIDIRECTIONAL_SEQUENCE_LSTM ${how}, ${what}`,
        lstm('UNIDIRECTIONAL_SEQUENCE_LSTM', weights, kind, isAsymmetric),
      ]);
      rows.push([`LSTM ${how}, ${what}`, lstm('LSTM', weights, kind, isAsymmetric)]);
    }
    rows.push([
      `UNIDIRECTIONAL_SEQUENCE_LSTM ${how}, time first`,
      lstm('UNIDIRECTIONAL_SEQUENCE_LSTM', weights, {}, isAsymmetric, true),
    ]);
    // With merged outputs and the batch first, the runtime reads states behind their end.
    for (const [mergeOutputs, lead] of [
      [false, [BATCH, STEPS]],
      [true, [STEPS, BATCH]],
    ] as const)
      rows.push([
        `BIDIRECTIONAL_SEQUENCE_LSTM ${how}, merged ${mergeOutputs}`,
        {
          op: 'BIDIRECTIONAL_SEQUENCE_LSTM',
          inputs: [
            f32(...lead, SIZE),
            ...gates(weights, {}),
            ...gates(weights, {}),
            ...[0, 1].flatMap(() => [variable(BATCH, CELLS), variable(BATCH, CELLS)]),
            ...new Array<undefined>(9).fill(undefined),
          ],
          outputs: mergeOutputs ? [f32(...lead, 2 * CELLS)] : [f32(...lead, CELLS), f32(...lead, CELLS)],
          options: {
            fusedActivationFunction: 'TANH',
            cellClip: 0,
            projClip: 0,
            mergeOutputs,
            timeMajor: mergeOutputs,
            asymmetricQuantizeInputs: isAsymmetric,
          },
        },
      ]);
    const rnn = () => [weights(CELLS, SIZE), weights(CELLS, CELLS), constant(CELLS), variable(BATCH, CELLS)];
    const options = { fusedActivationFunction: 'TANH', asymmetricQuantizeInputs: isAsymmetric };
    rows.push(
      [`RNN ${how}`, { op: 'RNN', inputs: [f32(BATCH, SIZE), ...rnn()], outputs: [f32(BATCH, CELLS)], options }],
      [
        `UNIDIRECTIONAL_SEQUENCE_RNN ${how}`,
        {
          op: 'UNIDIRECTIONAL_SEQUENCE_RNN',
          inputs: [f32(BATCH, STEPS, SIZE), ...rnn()],
          outputs: [f32(BATCH, STEPS, CELLS)],
          options: { ...options, timeMajor: false },
        },
      ],
      // The runtime's kernel of integer weights gives other results with time first; that of floats does not.
      [
        `BIDIRECTIONAL_SEQUENCE_RNN ${how}`,
        {
          op: 'BIDIRECTIONAL_SEQUENCE_RNN',
          inputs: [f32(BATCH, STEPS, SIZE), ...rnn(), ...rnn(), undefined, undefined, undefined],
          outputs: [f32(BATCH, STEPS, CELLS), f32(BATCH, STEPS, CELLS)],
          options: { ...options, timeMajor: false, mergeOutputs: false },
        },
      ],
      [
        `SVDF ${how}`,
        {
          op: 'SVDF',
          inputs: [
            f32(BATCH, SIZE),
            weights(CELLS, SIZE),
            weights(CELLS, 7),
            constant(CELLS / 2),
            variable(BATCH, CELLS * 7),
          ],
          outputs: [f32(BATCH, CELLS / 2)],
          options: { rank: 2, fusedActivationFunction: 'RELU', asymmetricQuantizeInputs: isAsymmetric },
        },
      ],
    );
  }
/** All-integer LSTM: inputs, outputs and weights of 8 bits, cell state and coefficients of 16. */
function integerLstm(op: string, { isCoupled, hasPeepholes, hasProjection, hasLayerNorm }: LstmKind): OneOp {
  const outputs = hasProjection ? OUTPUTS : CELLS;
  const lead = op === 'LSTM' ? [BATCH] : [BATCH, STEPS];
  const output = perTensor(1 / 110, 5);
  const four = (make: () => Operand) => [isCoupled ? undefined : make(), make(), make(), make()];
  const short = (scale: number): Operand => ({
    dtype: 'i16',
    shape: [CELLS],
    quantization: perTensor(scale),
    isConstant: true,
    range: [0, 32767],
  });
  const bias = (size: number): Operand => ({
    dtype: 'i32',
    shape: [size],
    isConstant: true,
    range: [-4000, 4000],
    quantization: perTensor(0.0002),
  });
  const peephole = hasPeepholes ? short(2e-5) : undefined;
  return {
    op,
    inputs: [
      { dtype: 'i8', shape: [...lead, SIZE], quantization: perTensor(0.02, 3) },
      ...four(() => i8(CELLS, SIZE)),
      ...four(() => i8(CELLS, outputs)),
      isCoupled ? undefined : peephole,
      peephole,
      peephole,
      ...four(() => bias(CELLS)),
      hasProjection ? i8(outputs, CELLS) : undefined,
      hasProjection ? bias(outputs) : undefined,
      { dtype: 'i8', shape: [BATCH, outputs], isVariable: true, quantization: output },
      { dtype: 'i16', shape: [BATCH, CELLS], isVariable: true, quantization: perTensor(2 ** -12) },
      ...(hasLayerNorm ? four(() => short(3e-5)) : []),
    ],
    outputs: [{ dtype: 'i8', shape: [...lead, outputs], quantization: output }],
    options: {
      fusedActivationFunction: 'TANH',
      cellClip: 6,
      projClip: 0,
      ...(op === 'LSTM' ? { kernelType: 'FULL' } : { timeMajor: false }),
    },
    intermediates: [
      ...[1e-4, 2e-4, 3e-4, 4e-4].map(
        (scale): Operand => ({ dtype: 'i16', shape: [], quantization: perTensor(scale) }),
      ),
      { dtype: 'i8', shape: [], quantization: hasProjection ? perTensor(1 / 120, -3) : output },
    ],
  };
}
for (const op of ['LSTM', 'UNIDIRECTIONAL_SEQUENCE_LSTM'])
  for (const [what, kind] of Object.entries(KINDS)) rows.push([`${op} i8, ${what}`, integerLstm(op, kind)]);

const lookup = (dtype: DType, quantization = perTensor(0.1)): OneOp => ({
  op: 'EMBEDDING_LOOKUP',
  inputs: [
    { dtype: 'i32', shape: [4], data: [2, 0, 4, 2] },
    { dtype, shape: [5, 6], quantization, isConstant: true, ...(dtype === 'i4' ? { range: [-7, 7] as const } : {}) },
  ],
  outputs: [f32(4, 6)],
});
const rowScales = { scale: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5), zeroPoint: [0, 0, 0, 0, 0], axis: 0 };
rows.push(
  ['EMBEDDING_LOOKUP i8', lookup('i8')],
  ['EMBEDDING_LOOKUP i8, a scale for each row', lookup('i8', rowScales)],
  ['EMBEDDING_LOOKUP i4, a scale for each row', lookup('i4', rowScales)],
  [
    'SVDF i8',
    {
      op: 'SVDF',
      inputs: [
        { dtype: 'i8', shape: [BATCH, SIZE], quantization: perTensor(0.02, 3) },
        { ...i8(CELLS, SIZE), quantization: perTensor(0.01) },
        { dtype: 'i16', shape: [CELLS, 7], isConstant: true, quantization: perTensor(2e-5) },
        { dtype: 'i32', shape: [CELLS / 2], isConstant: true, quantization: perTensor(2e-9), range: [-1e6, 1e6] },
        { dtype: 'i16', shape: [BATCH, CELLS * 7], isVariable: true, quantization: perTensor(1e-4) },
      ],
      outputs: [{ dtype: 'i8', shape: [BATCH, CELLS / 2], quantization: perTensor(0.01, -9) }],
      options: { rank: 2, fusedActivationFunction: 'RELU' },
    },
  ],
);

describe('recurrent operators are those of the reference kernels', () => {
  it.each(rows)('%s', (_, row) => expectSame(row));
});
