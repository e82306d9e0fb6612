/** The part of the emscripten module of `@litertjs/core` 2.5.3 that the oracle touches. */
interface Handle {
  delete(): void;
}
interface Vector<T> extends Handle {
  size(): number;
  get(i: number): T;
}
interface Layout extends Handle {
  dimensions(): Vector<number>;
}
interface RankedTensorType extends Handle {
  elementType(): number | { readonly value: number };
  layout(): Layout;
  bytes(): number;
}
export interface NativeBuffer extends Handle {
  lock(mode: unknown): number;
  unlock(): void;
  tensorType(): RankedTensorType;
  packedSize(): number;
}
interface NativeSignature extends Handle {
  key(): string;
  inputNames(): Vector<string>;
  outputNames(): Vector<string>;
}
export interface NativeModel extends Handle {
  getNumSignatures(): number;
  getSignature(s: number): NativeSignature;
  getInputTensorType(s: number, i: number): RankedTensorType;
  getOutputTensorType(s: number, i: number): RankedTensorType;
}
interface CompiledModel extends Handle {
  isFullyAccelerated(): boolean;
  run(signature: number, inputs: readonly NativeBuffer[]): Promise<NativeBuffer[]>;
}
export interface LiteRtModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(size: number): number;
  _free(pointer: number): void;
  setupLogging?(): void;
  getExceptionMessage(e: unknown): string[] | undefined;
  loadModel(environment: unknown, pointer: number, size: number): NativeModel;
  compileModel(environment: unknown, model: NativeModel, options: object): Promise<CompiledModel>;
  readonly LiteRtEnvironment: { create(options: null): unknown };
  readonly LiteRtLayout: { create(dimensions: Handle): Layout };
  readonly LiteRtRankedTensorType: { create(element: { value: number }, layout: Layout): RankedTensorType };
  readonly LiteRtTensorBuffer: {
    createManaged(environment: unknown, kind: unknown, type: RankedTensorType, size: number): NativeBuffer;
  };
  readonly LiteRtTensorBufferType: { readonly HOST_MEMORY: unknown };
  readonly LiteRtTensorBufferLockMode: { readonly READ: unknown; readonly WRITE: unknown };
  readonly VectorInt32: new () => Handle & { push_back(x: number): void };
}

/** The module, its environment, and all lines it has printed. */
export interface Binding {
  readonly module: LiteRtModule;
  readonly environment: unknown;
  readonly log: string[];
}
