import type { Code } from './code.js';
import { PAGE, type WasmInstance, wasmHost } from './host.js';
import { type Local, type Locals, WasmModule } from './module.js';

/** Runs one function without parameters over a page of memory that begins with `bytes`; gives the memory afterwards. */
export function runCode(bytes: ArrayLike<number>, write: (locals: Locals) => Code): Uint8Array {
  return runWith(bytes, [], write);
}

/** The same for a function with parameters. */
export function runWith(
  bytes: ArrayLike<number>,
  args: readonly number[],
  write: (locals: Locals, parameters: readonly Local<'i32'>[]) => Code,
): Uint8Array {
  const module = new WasmModule();
  module.export('f', module.func('f', args.length, write));
  return instantiate(module, bytes).run(...args);
}

/** Compiles a module that exports `f`. */
export function instantiate(module: WasmModule, bytes: ArrayLike<number> = [], imports: object = {}) {
  const memory = new wasmHost.Memory({ initial: 1, maximum: 1 });
  const view = new Uint8Array(memory.buffer, 0, PAGE);
  view.set(bytes);
  const instance: WasmInstance = new wasmHost.Instance(new wasmHost.Module(module.bytes()), {
    env: { memory, ...imports },
  });
  return {
    memory: view,
    run(...args: number[]): Uint8Array {
      instance.exports.f?.(...args);
      return view;
    },
  };
}
