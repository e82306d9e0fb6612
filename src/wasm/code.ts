/** Types of WebAssembly values that the kernels use. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** The target of branches: its block gives it its depth when the code is flattened. */
export interface Label {
  readonly name: string;
}

interface Block {
  readonly opcode: number;
  readonly label: Label;
  readonly body: Code;
  readonly otherwise?: Code;
}

interface Branch {
  readonly opcode: number;
  readonly target: Label;
}

/** Instructions: bytes, nested as they were put together. */
export type Code = number | Block | Branch | readonly Code[];

declare const kind: unique symbol;
/** Instructions that leave one value of type `T` on the stack. */
export type Expr<T extends ValueType> = readonly Code[] & { readonly [kind]?: T };

const EMPTY_BLOCK_TYPE = 0x40;
const END = 0x0b;
const ELSE = 0x05;

/** The numbers of one byte, which most are: made once. */
const BYTES: readonly (readonly number[])[] = Array.from({ length: 128 }, (_, byte) => [byte]);

/** LEB128 of an unsigned number below 2^32. */
export function unsigned(n: number): readonly number[] {
  if (n < 128) return BYTES[n] as readonly number[];
  const bytes: number[] = [];
  do {
    const low = n & 127;
    n >>>= 7;
    bytes.push(n ? low | 128 : low);
  } while (n);
  return bytes;
}

/** LEB128 of a signed 32-bit number. */
export function signed(n: number): readonly number[] {
  if (n >= -64 && n < 64) return BYTES[n & 127] as readonly number[];
  const bytes: number[] = [];
  for (;;) {
    const low = n & 127;
    n >>= 7;
    if ((n === 0 && !(low & 64)) || (n === -1 && low & 64)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 128);
  }
}

/** `block`: a branch to its label leaves it. */
export function block(body: (exit: Label) => Code): Code {
  const label: Label = { name: 'exit' };
  return { opcode: 0x02, label, body: body(label) };
}

/** `loop`: a branch to its label starts it again; it ends when the body does. */
export function loop(body: (again: Label) => Code): Code {
  const label: Label = { name: 'again' };
  return { opcode: 0x03, label, body: body(label) };
}

/** `if (condition) then else otherwise` */
export function when(condition: Expr<'i32'>, then: Code, otherwise?: Code): Code {
  const label: Label = { name: 'if' };
  return [condition, { opcode: 0x04, label, body: then, ...(otherwise !== undefined && { otherwise }) }];
}

export const br = (target: Label): Code => ({ opcode: 0x0c, target });
export const brIf = (target: Label, condition: Expr<'i32'>): Code => [condition, { opcode: 0x0d, target }];

/** A growing array of bytes that nested code is written to. */
export class Bytes {
  #bytes = new Uint8Array(1 << 12);
  #length = 0;
  readonly #labels: Label[] = [];

  get length(): number {
    return this.#length;
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room for so many bytes more. */
  #grow(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = byte;
  }

  append(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  write(code: Code): void {
    if (typeof code === 'number') this.#push(code);
    else if (Array.isArray(code)) for (let i = 0; i < code.length; i++) this.write(code[i]);
    else if ('target' in code) this.#branch(code);
    else this.#block(code as Block);
  }

  #branch({ opcode, target }: Branch): void {
    this.#push(opcode);
    const at = this.#labels.lastIndexOf(target);
    if (at < 0) throw new Error(`a branch to '${target.name}' stands outside of its block`);
    this.write(unsigned(this.#labels.length - 1 - at));
  }

  #block({ opcode, label, body, otherwise }: Block): void {
    this.#push(opcode);
    this.#push(EMPTY_BLOCK_TYPE);
    this.#labels.push(label);
    this.write(body);
    if (otherwise !== undefined) {
      this.#push(ELSE);
      this.write(otherwise);
    }
    this.#labels.pop();
    this.#push(END);
  }
}
