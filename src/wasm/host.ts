/** The part of the global `WebAssembly` that is used here; the libraries of types that declare it all are for pages. */
export interface WasmMemory {
  /** A shared one when the memory is shared. */
  readonly buffer: ArrayBuffer;
}
export interface WasmInstance {
  readonly exports: Readonly<Record<string, (...args: number[]) => void>>;
}
type CompiledModule = object;
interface Host {
  readonly Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => CompiledModule;
  readonly Instance: new (module: CompiledModule, imports: object) => WasmInstance;
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}

export const PAGE = 65536;

export const wasmHost = (globalThis as unknown as { readonly WebAssembly: Host }).WebAssembly;
