import { type ActivateRowsSpec, activateRowsKey, type CellActivation, emitActivateRows } from '../emit/cells.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';
import { areGateWeights, isHybridProduct, isVector, multiplyGates } from './gates.js';
import { cellActivation, type DirectedOutput, directedOutput, repeatSteps, type SequenceLayout, sequenceLayout } from './steps.js'; // biome-ignore format: one list

/** One direction of a layer; see `rnns` for the shapes. */
interface Direction {
  readonly input: Operand | undefined;
  readonly weights: Operand | undefined;
  readonly recurrent: Operand | undefined;
  readonly bias: Operand | undefined;
  readonly state: Operand | undefined;
  readonly auxInput: Operand | undefined;
  readonly auxWeights: Operand | undefined;
  readonly backward: boolean;
}

const AUX_INPUT = 9;

function directionsOf({ op, inputs }: KernelNode): Direction[] {
  const isBidirectional = op === 'BIDIRECTIONAL_SEQUENCE_RNN';
  const aux = isBidirectional ? inputs[AUX_INPUT] : undefined;
  return (isBidirectional ? [1, 5] : [1]).map((first, side) => {
    const auxWeights = isBidirectional ? inputs[AUX_INPUT + 1 + side] : undefined;
    const [weights, recurrent, bias, state] = inputs.slice(first, first + 4);
    return {
      input: side === 1 && aux && !auxWeights ? aux : inputs[0],
      weights,
      recurrent,
      bias,
      state,
      auxInput: auxWeights && aux,
      auxWeights,
      backward: side === 1,
    };
  });
}

function isFast(direction: Direction, { batches }: SequenceLayout): boolean {
  const { input, weights, recurrent, bias, state, auxInput, auxWeights } = direction;
  const units = weights?.shape[0] ?? 0;
  const takes = (x: Operand | undefined, w: Operand | undefined) =>
    x?.dtype === 'f32' && w?.shape[0] === units && areGateWeights([w], x.shape.at(-1)!);
  return (
    takes(input, weights) &&
    (!auxWeights || takes(auxInput, auxWeights)) &&
    recurrent?.shape[0] === units &&
    areGateWeights([recurrent], units) &&
    isVector(bias, units) &&
    state?.isVariable === true &&
    state.dtype === 'f32' &&
    state.count === batches * units
  );
}

/** Plain recurrent layers: float weights, or 8-bit weights with rows quantized on the fly. */
export const rnn: Kernel = {
  ops: ['RNN', 'UNIDIRECTIONAL_SEQUENCE_RNN', 'BIDIRECTIONAL_SEQUENCE_RNN'],

  accepts(node) {
    const { inputs, outputs, options } = node;
    const layout = sequenceLayout(inputs[0]?.shape ?? [], options.timeMajor === true);
    if (layout.batches < 1 || layout.steps < 1 || outputs.some((o) => o.dtype !== 'f32')) return undefined;
    if (!cellActivation(options.fusedActivationFunction ?? 'NONE')) return undefined;
    const directions = directionsOf(node);
    if (!directions.every((d) => isFast(d, layout))) return undefined;
    return isHybridProduct([directions[0]!.recurrent!], layout.batches) ? 'rnn_hybrid' : 'rnn_f32';
  },

  build(node, to) {
    const { inputs, outputs, options } = node;
    const layout = sequenceLayout(inputs[0]!.shape, options.timeMajor === true);
    const activation = cellActivation(options.fusedActivationFunction ?? 'NONE')!;
    const directions = directionsOf(node);
    const column = directions[0]!.weights!.shape[0]!;
    for (const [side, direction] of directions.entries())
      buildDirection(to, layout, direction, directedOutput(outputs, side, side === 1 ? column : 0), activation);
  },
};

/** The products with the input of all steps go to the output; then each step adds what needs the one before. */
function buildDirection(
  to: KernelBuilder,
  layout: SequenceLayout,
  direction: Direction,
  { pointer, rowBytes }: DirectedOutput,
  activation: CellActivation,
): void {
  const { batches, steps, batchRows, stepRows } = layout;
  const { input, weights, recurrent, bias, auxInput, auxWeights, backward } = direction;
  const state = direction.state!.pointer;
  const units = weights!.shape[0]!;
  const source = (x: Operand) => ({ pointer: x.pointer, rows: batches * steps, size: x.shape.at(-1)! });
  multiplyGates(to, source(input!), [weights!], { pointer, rowBytes, bias: [bias] });
  if (auxInput) multiplyGates(to, source(auxInput), [auxWeights!], { pointer, rowBytes, bias: 'add' });
  const strides = new Map([[pointer.buffer, stepRows * rowBytes]]);
  repeatSteps(to, { count: steps, strides, backward }, (step) => {
    const rows = { pointer, rowBytes: batchRows * rowBytes };
    multiplyGates(step, { pointer: state, rows: batches, size: units }, [recurrent!], { ...rows, bias: 'add' });
    const spec: ActivateRowsSpec = { count: units, activation, rowBytes: rows.rowBytes, copyRowBytes: units * 4 };
    const activate = step.func(activateRowsKey(spec), (module) => emitActivateRows(module, spec));
    step.call(activate, [pointer, state], batches, 1);
  });
}
