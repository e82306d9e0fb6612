/** Ways around what `@litertjs/core` 2.5.3 does not offer; all happen in the module's memory. */
import type { LiteRtModule } from './litert-module.js';

/** The format by which the module serializes its CPU options, and replacements of the same length. */
const THREADS = 'num_threads = %d\n\0';
const KERNEL_MODE = 'kernel_mode = %d\n\0';
const MODES = { reference: 1, builtin: 2 } as const;

/**
 * Chooses the kernels of the next compile. The package has no option for it, but it writes its CPU options as text: with
 * the format string changed, the number of threads becomes the kernel mode. Gives the number to pass as threads.
 */
export function setRuntimeOptions(
  module: LiteRtModule,
  kernel: 'xnnpack' | 'builtin' | 'reference',
  threads: number,
): number {
  const memory = Buffer.from(module.HEAPU8.buffer, module.HEAPU8.byteOffset, module.HEAPU8.byteLength);
  const wanted = kernel === 'xnnpack' ? THREADS : KERNEL_MODE;
  const at = [THREADS, KERNEL_MODE].map((text) => memory.indexOf(text, 0, 'latin1')).find((i) => i >= 0);
  if (at === undefined) throw new Error('LiteRT: the format of the CPU options was not found in the module');
  memory.write(wanted, at, 'latin1');
  if (kernel === 'xnnpack') return threads;
  // The interpreter looks options up as "cpu_delegate", but they are stored as "xnnpack": without this it falls back
  // to the optimized kernels.
  const name = memory.indexOf('\0cpu_delegate\0', 0, 'latin1');
  if (name >= 0) memory.write('\0xnnpack\0', name, 'latin1');
  return MODES[kernel];
}

// Fields of the schema by slot.
const [SUBGRAPHS, SIGNATURES] = [2, 7] as const;
const [TENSORS, INPUTS, OUTPUTS, OPERATORS] = [0, 1, 2, 3] as const;
const [SHAPE, NAME, IS_VARIABLE, SHAPE_SIGNATURE] = [0, 3, 5, 7] as const;
const [MUTATING_INPUTS, INTERMEDIATES] = [7, 8] as const;
const [MAP_NAME, MAP_TENSOR, SIGNATURE_INPUTS, SIGNATURE_OUTPUTS, SIGNATURE_GRAPH] = [0, 1, 0, 1, 4] as const;

/** Just enough of FlatBuffers to find places in a sound file. */
function walker(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const follow = (at: number) => at + view.getUint32(at, true);
  const slotAt = (table: number, slot: number) => {
    const at = table - view.getInt32(table, true);
    return 4 + 2 * slot < view.getUint16(at, true) && view.getUint16(at + 4 + 2 * slot, true) ? at + 4 + 2 * slot : 0;
  };
  const fieldAt = (table: number, slot: number) => {
    const at = slotAt(table, slot);
    return at ? table + view.getUint16(at, true) : 0;
  };
  /** Where the elements of a vector of 4-byte things lie. */
  const elements = (table: number, slot: number): number[] => {
    const field = fieldAt(table, slot);
    if (!field) return [];
    const vector = follow(field);
    return Array.from({ length: view.getUint32(vector, true) }, (_, i) => vector + 4 + 4 * i);
  };
  const u32 = (table: number, slot: number) => {
    const at = fieldAt(table, slot);
    return at ? view.getUint32(at, true) : 0;
  };
  const text = (table: number, slot: number) => {
    const at = fieldAt(table, slot);
    if (!at) return '';
    const start = follow(at);
    return new TextDecoder().decode(bytes.subarray(start + 4, start + 4 + view.getUint32(start, true)));
  };
  const tables = (table: number, slot: number) => elements(table, slot).map(follow);
  return { view, root: follow(0), slotAt, fieldAt, elements, tables, u32, text };
}

/**
 * Bytes to zero while the module loads a model, to be put back before it compiles. Its model reader refuses variable
 * tensors, and operators with mutating inputs or intermediates; the interpreter below, which reads the bytes again, runs
 * them.
 */
export function hiddenFromModelReader(bytes: Uint8Array): { at: number; length: number }[] {
  const { root, slotAt, fieldAt, tables } = walker(bytes);
  const hidden: { at: number; length: number }[] = [];
  for (const graph of tables(root, SUBGRAPHS)) {
    for (const tensor of tables(graph, TENSORS)) {
      const flag = fieldAt(tensor, IS_VARIABLE);
      if (flag) hidden.push({ at: flag, length: 1 });
    }
    for (const operator of tables(graph, OPERATORS))
      for (const slot of [MUTATING_INPUTS, INTERMEDIATES]) {
        const at = slotAt(operator, slot);
        if (at) hidden.push({ at, length: 2 });
      }
  }
  return hidden;
}

/** Shapes by the names of the signatures. */
type Shapes = Readonly<Record<string, readonly number[]>>;

/**
 * The model with these shapes. The package can resize inputs but not outputs, so unknown sizes of both must be set before
 * it loads the model: each such tensor is led to a new shape at the end of the file.
 * @throws {Error} for an input whose shape is fixed: what is computed from it has sizes in the file that would not follow.
 */
export function withShapes(bytes: Uint8Array, inputs: Shapes, outputs: Shapes = {}): Uint8Array {
  const { elements, view, fieldAt } = walker(bytes);
  let out = bytes;
  for (const { name, tensor } of ports(bytes, SIGNATURE_INPUTS, INPUTS)) {
    const shape = inputs[name];
    if (!shape) continue;
    const read = (slot: number) => elements(tensor, slot).map((at) => view.getInt32(at, true));
    const declared = fieldAt(tensor, SHAPE_SIGNATURE) ? read(SHAPE_SIGNATURE) : read(SHAPE);
    if (declared.length === shape.length && shape.some((d, i) => (declared[i] as number) >= 0 && d !== declared[i]))
      throw new Error(`input '${name}' has the fixed shape [${declared}]; it cannot be [${shape}] there`);
    out = withShape(out, tensor, shape);
  }
  for (const { name, tensor } of ports(bytes, SIGNATURE_OUTPUTS, OUTPUTS))
    if (outputs[name]) out = withShape(out, tensor, outputs[name]);
  return out;
}

/** The tensors that enter or leave, by the names of the signatures, or of the tensors where there are none. */
function ports(bytes: Uint8Array, side: number, plainSide: number): { name: string; tensor: number }[] {
  const { root, tables, elements, u32, text, view } = walker(bytes);
  const graphs = tables(root, SUBGRAPHS);
  const named = tables(root, SIGNATURES).flatMap((signature) => {
    const tensors = tables(graphs[u32(signature, SIGNATURE_GRAPH)] as number, TENSORS);
    const maps = tables(signature, side);
    return maps.map((map) => ({ name: text(map, MAP_NAME), tensor: tensors[u32(map, MAP_TENSOR)] as number }));
  });
  if (named.length > 0) return named;
  const [main = 0] = graphs;
  const tensors = tables(main, TENSORS);
  return elements(main, plainSide).map((at) => {
    const tensor = tensors[view.getInt32(at, true)] as number;
    return { name: text(tensor, NAME), tensor };
  });
}

function withShape(bytes: Uint8Array, tensor: number, shape: readonly number[]): Uint8Array {
  const at = Math.ceil(bytes.length / 4) * 4;
  const out = new Uint8Array(at + 4 + 4 * shape.length);
  out.set(bytes);
  new Int32Array(out.buffer, at).set([shape.length, ...shape]);
  const { view, fieldAt } = walker(out);
  for (const slot of [SHAPE, SHAPE_SIGNATURE]) {
    const field = fieldAt(tensor, slot);
    if (field) view.setUint32(field, at - field, true);
  }
  return out;
}
