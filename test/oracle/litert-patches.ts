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
export function setRuntimeOptions(module: LiteRtModule, kernel: 'xnnpack' | 'builtin' | 'reference'): number {
  const memory = Buffer.from(module.HEAPU8.buffer, module.HEAPU8.byteOffset, module.HEAPU8.byteLength);
  const wanted = kernel === 'xnnpack' ? THREADS : KERNEL_MODE;
  const at = [THREADS, KERNEL_MODE].map((text) => memory.indexOf(text, 0, 'latin1')).find((i) => i >= 0);
  if (at === undefined) throw new Error('LiteRT: the format of the CPU options was not found in the module');
  memory.write(wanted, at, 'latin1');
  if (kernel === 'xnnpack') return 1;
  // The interpreter looks options up as "cpu_delegate", but they are stored as "xnnpack": without this it falls back
  // to the optimized kernels.
  const name = memory.indexOf('\0cpu_delegate\0', 0, 'latin1');
  if (name >= 0) memory.write('\0xnnpack\0', name, 'latin1');
  return MODES[kernel];
}

/**
 * Bytes to zero while the module loads a model, to be put back before it compiles. Its model reader refuses variable
 * tensors, and operators with mutating inputs or intermediates; the interpreter below, which reads the bytes again, runs
 * them.
 */
export function hiddenFromModelReader(bytes: Uint8Array): { at: number; length: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vtable = (table: number) => table - view.getInt32(table, true);
  const slotAt = (table: number, slot: number) => {
    const at = vtable(table);
    return 4 + 2 * slot < view.getUint16(at, true) && view.getUint16(at + 4 + 2 * slot, true) ? at + 4 + 2 * slot : 0;
  };
  const fieldAt = (table: number, slot: number) => {
    const at = slotAt(table, slot);
    return at ? table + view.getUint16(at, true) : 0;
  };
  const follow = (at: number) => at + view.getUint32(at, true);
  const tables = (table: number, slot: number) => {
    const field = fieldAt(table, slot);
    if (!field) return [];
    const vector = follow(field);
    return Array.from({ length: view.getUint32(vector, true) }, (_, i) => follow(vector + 4 + 4 * i));
  };
  const hidden: { at: number; length: number }[] = [];
  const [SUBGRAPHS, TENSORS, OPERATORS, IS_VARIABLE, MUTATING_INPUTS, INTERMEDIATES] = [2, 0, 3, 5, 7, 8] as const;
  for (const graph of tables(follow(0), SUBGRAPHS)) {
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
