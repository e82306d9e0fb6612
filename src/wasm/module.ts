import { Bytes, type Code, type Expr, unsigned, type ValueType } from './code.js';

const TYPE_CODES: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const FUNCTION_TYPE = 0x60;
const END = 0x0b;

/** A local variable or parameter of a function. */
export class Local<T extends ValueType> {
  readonly index: number;
  readonly get: Expr<T>;

  constructor(index: number) {
    this.index = index;
    this.get = [0x20, unsigned(index)];
  }

  set(value: Expr<T>): Code {
    return [value, 0x21, unsigned(this.index)];
  }

  /** Sets it and leaves the value on the stack. */
  tee(value: Expr<T>): Expr<T> {
    return [value, 0x22, unsigned(this.index)];
  }
}

/** Makes the locals of a function that is being written. */
export class Locals {
  readonly types: ValueType[] = [];
  readonly #parameters: number;
  /** Products and sums may be one instruction, rounded once: the engine has relaxed SIMD. */
  readonly fused: boolean;

  constructor(parameters: number, fused: boolean) {
    this.#parameters = parameters;
    this.fused = fused;
  }

  #make<T extends ValueType>(type: T): Local<T> {
    return new Local<T>(this.#parameters + this.types.push(type) - 1);
  }

  i32(): Local<'i32'> {
    return this.#make('i32');
  }
  f32(): Local<'f32'> {
    return this.#make('f32');
  }
  v128(): Local<'v128'> {
    return this.#make('v128');
  }
  v128s(count: number): Local<'v128'>[] {
    return Array.from({ length: count }, () => this.v128());
  }
}

/** A function of the module, or one that it imports. */
export interface Func {
  readonly index: number;
  readonly name: string;
  readonly parameters: number;
}

/** A call of a function whose parameters are all `i32`, with constants or computed arguments. */
export const call = (func: Func, args: readonly Expr<'i32'>[]): Code => [args, 0x10, unsigned(func.index)];

/** The module under construction: functions over one imported memory. */
export class WasmModule {
  readonly #types: string[] = [];
  readonly #imports: { readonly name: string; readonly type: number }[] = [];
  readonly #functions: { readonly type: number; readonly body: Uint8Array }[] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];
  readonly #shared: boolean;
  readonly #fused: boolean;

  /**
   * @param options.shared The memory is shared between threads; it then has a maximum.
   * @param options.fused See {@link Locals.fused}.
   */
  constructor({ shared = false, fused = false }: { readonly shared?: boolean; readonly fused?: boolean } = {}) {
    this.#shared = shared;
    this.#fused = fused;
  }

  #type(parameters: number): number {
    const key = String(parameters);
    const at = this.#types.indexOf(key);
    return at >= 0 ? at : this.#types.push(key) - 1;
  }

  /** An imported function `env.<name>` of `i32` parameters without a result; all imports come before the functions. */
  import(name: string, parameters: number): Func {
    if (this.#functions.length > 0) throw new Error('imports come before functions');
    const index = this.#imports.push({ name, type: this.#type(parameters) }) - 1;
    return { index, name, parameters };
  }

  /** A function of `i32` parameters without a result: everything it gives, it writes to memory. */
  func(name: string, parameters: number, write: (locals: Locals, parameters: readonly Local<'i32'>[]) => Code): Func {
    const locals = new Locals(parameters, this.#fused);
    const code = write(
      locals,
      Array.from({ length: parameters }, (_, i) => new Local<'i32'>(i)),
    );
    const bytes = new Bytes();
    bytes.write(declarations(locals.types));
    bytes.write(code);
    bytes.write(END);
    const index = this.#imports.length + this.#functions.push({ type: this.#type(parameters), body: bytes.take() }) - 1;
    return { index, name, parameters };
  }

  export(name: string, func: Func): void {
    this.#exports.push({ name, index: func.index });
  }

  /** Bytes of machine-independent code so far, for reports. */
  get size(): number {
    return this.#functions.reduce((sum, f) => sum + f.body.length, 0);
  }

  /** The binary module. It imports the memory `env.memory` of at least one page. */
  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.write([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
    const i32s = (count: string) => [unsigned(Number(count)), Array<number>(Number(count)).fill(TYPE_CODES.i32)];
    section(out, 1, vector(this.#types.map((count) => [FUNCTION_TYPE, i32s(count), 0])));
    const limits = this.#shared ? [3, unsigned(1), unsigned(65536)] : [1, unsigned(1), unsigned(65536)];
    const imports: Code[] = this.#imports.map(({ name, type }) => [text('env'), text(name), 0x00, unsigned(type)]);
    section(out, 2, vector([...imports, [text('env'), text('memory'), 0x02, limits]]));
    section(out, 3, vector(this.#functions.map((f) => unsigned(f.type))));
    section(out, 7, vector(this.#exports.map(({ name, index }) => [text(name), 0x00, unsigned(index)])));
    const code = new Bytes();
    code.write(unsigned(this.#functions.length));
    for (const { body } of this.#functions) {
      code.write(unsigned(body.length));
      code.append(body);
    }
    out.write([10, unsigned(code.length)]);
    out.append(code.take());
    return out.take() as Uint8Array<ArrayBuffer>;
  }
}

const vector = (items: readonly Code[]): Code => [unsigned(items.length), items];

function text(value: string): Code {
  const bytes = [...new TextEncoder().encode(value)];
  return [unsigned(bytes.length), bytes];
}

function section(out: Bytes, id: number, content: Code): void {
  const bytes = new Bytes();
  bytes.write(content);
  out.write([id, unsigned(bytes.length)]);
  out.append(bytes.take());
}

/** Locals as runs of one type. */
function declarations(types: readonly ValueType[]): Code {
  const runs: { count: number; readonly type: ValueType }[] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ count: 1, type });
  }
  return vector(runs.map(({ count, type }) => [unsigned(count), TYPE_CODES[type]]));
}
