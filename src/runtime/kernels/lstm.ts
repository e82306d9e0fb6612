import { type CellActivation, emitCopyRows, emitLstmCell, type LstmCellSpec, lstmCellKey } from '../emit/cells.js';
import { clampVector } from '../emit/math.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';
import { areGateWeights, isHybridProduct, isVector, multiplyGates, vectorData } from './gates.js';
import { cellActivation, type DirectedOutput, directedOutput, repeatSteps, type SequenceLayout, sequenceLayout } from './steps.js'; // biome-ignore format: one list

type Optional = Operand | undefined;

/** One gate; see `LSTM_INPUTS` for the shapes. */
interface Gate {
  readonly weights: Optional;
  readonly recurrent: Optional;
  readonly aux: Optional;
  readonly peephole: Optional;
  readonly bias: Optional;
}

/** One direction of a layer. */
interface Direction {
  readonly input: Operand;
  readonly auxInput: Optional;
  /** Input (if there is one), forget, cell, output. */
  readonly gates: readonly Gate[];
  readonly cells: number;
  readonly size: number;
  readonly projection: Optional;
  readonly projectionBias: Optional;
  readonly outputState: Operand;
  readonly cellState: Operand;
  readonly backward: boolean;
}

/** Places of operands in the list of inputs. */
interface Places {
  /** Of the input gate's weights: the others follow in the order of `LSTM_INPUTS`. */
  readonly first: number;
  readonly state: number;
  readonly aux: number | undefined;
}

const ONE: readonly Places[] = [{ first: 1, state: 18, aux: undefined }];
const BOTH: readonly Places[] = [
  { first: 1, state: 35, aux: 40 },
  { first: 18, state: 37, aux: 44 },
];
const AUX_INPUT = 39;
const LAYER_NORM = 20;

function directionAt({ inputs, op }: KernelNode, { first, state, aux }: Places, side: number): Direction | undefined {
  const [input] = inputs;
  const auxInput = op === 'BIDIRECTIONAL_SEQUENCE_LSTM' ? inputs[AUX_INPUT] : undefined;
  const hasAux = aux !== undefined && inputs[aux + 1] !== undefined;
  const all = [0, 1, 2, 3].map(
    (gate): Gate => ({
      weights: inputs[first + gate],
      recurrent: inputs[first + 4 + gate],
      aux: hasAux ? inputs[aux + gate] : undefined,
      // The cell gate has none.
      peephole: gate === 2 ? undefined : inputs[first + 8 + (gate === 3 ? 2 : gate)],
      bias: inputs[first + 11 + gate],
    }),
  );
  const [outputState, cellState] = [inputs[state], inputs[state + 1]];
  if (!input || !outputState || !cellState) return undefined;
  return {
    input: side === 1 && auxInput && !hasAux ? auxInput : input,
    auxInput: hasAux ? auxInput : undefined,
    gates: all[0]!.weights && all[0]!.recurrent ? all : all.slice(1),
    cells: all[1]!.weights?.shape[0] ?? 0,
    size: outputState.shape.at(-1) ?? 0,
    projection: inputs[first + 15],
    projectionBias: inputs[first + 16],
    outputState,
    cellState,
    backward: side === 1,
  };
}

const directionsOf = (node: KernelNode): (Direction | undefined)[] =>
  (node.op === 'BIDIRECTIONAL_SEQUENCE_LSTM' ? BOTH : ONE).map((places, side) => directionAt(node, places, side));

/** Peepholes of all gates that can have one, or of none. */
const peepholesOf = ({ gates }: Direction): Optional[] => gates.filter((_, i) => i !== gates.length - 2).map((g) => g.peephole); // biome-ignore format: one expression

function isFast(direction: Direction, { batches }: SequenceLayout): boolean {
  const { input, auxInput, gates, cells, size, projection, projectionBias, outputState, cellState } = direction;
  const peepholes = peepholesOf(direction);
  return (
    [input, auxInput].every((x) => !x || (x.dtype === 'f32' && x.shape.length === input.shape.length)) &&
    cells > 0 &&
    gates.every((g) => g.weights?.shape[0] === cells && g.recurrent?.shape[0] === cells && isVector(g.bias, cells)) &&
    areGateWeights(gates.map((g) => g.weights), input.shape.at(-1)!) &&
    areGateWeights(gates.map((g) => g.recurrent), size) &&
    (!auxInput || areGateWeights(gates.map((g) => g.aux), auxInput.shape.at(-1)!)) &&
    (peepholes.every((p) => !p) || peepholes.every((p) => p?.constant && p.count === cells)) &&
    (projection ? areGateWeights([projection], cells) && projection.shape[0] === size : size === cells) &&
    isVector(projectionBias, size) &&
    isState(outputState, batches * size) &&
    isState(cellState, batches * cells)
  );
} // biome-ignore format: a list of conditions

const isState = ({ isVariable, dtype, count }: Operand, size: number): boolean =>
  isVariable && dtype === 'f32' && count === size;

/** Long short-term memory: float weights, or 8-bit weights with rows quantized on the fly. */
export const lstm: Kernel = {
  ops: ['LSTM', 'UNIDIRECTIONAL_SEQUENCE_LSTM', 'BIDIRECTIONAL_SEQUENCE_LSTM'],

  accepts(node) {
    const { op, inputs, outputs, options } = node;
    if (options.kernelType === 'BASIC' || outputs.some((o) => o.dtype !== 'f32')) return undefined;
    if (op !== 'BIDIRECTIONAL_SEQUENCE_LSTM' && inputs.slice(LAYER_NORM, LAYER_NORM + 4).some(Boolean))
      return undefined;
    const directions = directionsOf(node);
    const layout = sequenceLayout(inputs[0]?.shape ?? [], options.timeMajor === true);
    if (layout.batches < 1 || layout.steps < 1 || !cellActivation(options.fusedActivationFunction)) return undefined;
    if (!directions.every((d) => d && isFast(d, layout))) return undefined;
    const recurrent = directions[0]!.gates.map((g) => g.recurrent!);
    return isHybridProduct(recurrent, layout.batches) ? 'lstm_hybrid' : 'lstm_f32';
  },

  build(node, to) {
    const { inputs, outputs, options } = node;
    const layout = sequenceLayout(inputs[0]!.shape, options.timeMajor === true);
    const directions = directionsOf(node) as Direction[];
    for (const [side, direction] of directions.entries())
      buildDirection(to, layout, direction, directedOutput(outputs, side, side === 1 ? directions[0]!.size : 0), {
        activation: cellActivation(options.fusedActivationFunction)!,
        cellClip: Number(options.cellClip ?? 0),
        projClip: Number(options.projClip ?? 0),
      });
  },
};

interface CellOptions {
  readonly activation: CellActivation;
  readonly cellClip: number;
  readonly projClip: number;
}

/** The products with the input of all steps at once; then step by step what needs the last output. */
function buildDirection(
  to: KernelBuilder,
  layout: SequenceLayout,
  direction: Direction,
  output: DirectedOutput,
  options: CellOptions,
): void {
  const { input, auxInput, gates, cells, size, outputState, backward } = direction;
  const { batches, steps, batchRows, stepRows } = layout;
  const rows = batches * steps;
  const rowBytes = gates.length * cells * 4;
  const sums = to.scratch(rows * rowBytes);
  const source = (operand: Operand) => ({ pointer: operand.pointer, rows, size: operand.shape.at(-1)! });
  const all = (part: 'weights' | 'recurrent' | 'aux') => gates.map((g) => g[part]!);
  multiplyGates(to, source(input), all('weights'), { pointer: sums, rowBytes, bias: gates.map((g) => g.bias) });
  if (auxInput) multiplyGates(to, source(auxInput), all('aux'), { pointer: sums, rowBytes, bias: 'add' });
  const strides = new Map([
    [sums.buffer, stepRows * rowBytes],
    [output.pointer.buffer, stepRows * output.rowBytes],
  ]);
  repeatSteps(to, { count: steps, strides, backward }, (step) => {
    const last = { pointer: outputState.pointer, rows: batches, size };
    const gateRows = { pointer: sums, rowBytes: batchRows * rowBytes };
    multiplyGates(step, last, all('recurrent'), { ...gateRows, bias: 'add' });
    updateCells(step, direction, gateRows, { ...output, rowBytes: batchRows * output.rowBytes }, batches, options);
  });
}

/** New cell state and output of each row, from the sums of its gates. */
function updateCells(
  to: KernelBuilder,
  direction: Direction,
  gateRows: DirectedOutput,
  output: DirectedOutput,
  batches: number,
  { activation, cellClip, projClip }: CellOptions,
): void {
  const { gates, cells, size, projection, projectionBias, outputState, cellState } = direction;
  const state = { pointer: outputState.pointer, rowBytes: size * 4 };
  const hidden = projection && { pointer: to.scratch(batches * cells * 4), rowBytes: cells * 4 };
  const places = hidden ? [hidden] : [state, output];
  const peepholes = peepholesOf(direction).flatMap((p) => (p ? [vectorData(to, p)] : []));
  const spec: LstmCellSpec = {
    cells,
    gateRowBytes: gateRows.rowBytes,
    hasInputGate: gates.length === 4,
    hasPeephole: peepholes.length > 0,
    activation,
    clip: cellClip,
    outputRowBytes: places.map((p) => p.rowBytes),
  };
  const update = to.func(lstmCellKey(spec), (module) => emitLstmCell(module, spec));
  to.call(update, [gateRows.pointer, cellState.pointer, ...peepholes, ...places.map((p) => p.pointer)], batches, 1);
  if (!hidden) return;
  const clip = {
    key: `CLIP ${projClip}`,
    apply: (_: unknown, x: Parameters<CellActivation['apply']>[1]) => x.set(clampVector(x.get, -projClip, projClip)),
  };
  multiplyGates(to, { pointer: hidden.pointer, rows: batches, size: cells }, [projection], {
    ...state,
    bias: [projectionBias],
    stages: projClip > 0 ? [clip] : [],
  });
  const copy = to.func(`copy rows ${size * 4} ${output.rowBytes}`, (module) =>
    emitCopyRows(module, size * 4, output.rowBytes),
  );
  to.call(copy, [state.pointer, output.pointer], batches, 1);
}
