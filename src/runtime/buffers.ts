import { ModelError } from '../errors.js';

/** Every buffer begins at a multiple of this many bytes, and its size is rounded up to one: kernels may run over by less. */
export const ALIGNMENT = 64;
/** Buffers begin here, so that no pointer is a small number. */
export const FIRST_ADDRESS = 1 << 16;
/**
 * Where kernels note that an index they read is out of range: one more than the step of the plan, then the index, an `i32`
 * each.
 */
export const BAD_INDEX = 1 << 8;
/** A memory of WebAssembly has 32-bit addresses. */
const LIMIT = 2 ** 32 - (1 << 16);

/** A piece of memory whose address the plan decides. */
export interface Buffer {
  readonly bytes: number;
  /** Kept between runs (constants, states), or free again after its last reader. */
  readonly isPersistent: boolean;
  /** The first and last step that need it. */
  first: number;
  last: number;
  /** The buffer whose memory it shares. */
  sharedWith: Buffer | undefined;
  address: number;
}

/** A place in a buffer. */
export interface Pointer {
  readonly buffer: Buffer;
  /** In bytes. */
  readonly offset: number;
}

export const at = (buffer: Buffer, offset = 0): Pointer => ({ buffer, offset });

export const roundUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

export const makeBuffer = (bytes: number, isPersistent = false): Buffer => ({
  bytes: Math.max(roundUp(bytes), ALIGNMENT),
  isPersistent,
  first: Infinity,
  last: -Infinity,
  sharedWith: undefined,
  address: -1,
});

/** Notes that step `step` needs the buffer. */
export function touch(buffer: Buffer, step: number): void {
  const owner = ownerOf(buffer);
  owner.first = Math.min(owner.first, step);
  owner.last = Math.max(owner.last, step);
}

/** The buffer that really has the memory. */
export function ownerOf(buffer: Buffer): Buffer {
  let owner = buffer;
  while (owner.sharedWith) owner = owner.sharedWith;
  return owner;
}

/** Lets `buffer` live in the memory of `owner`, which must be as large. */
export function share(buffer: Buffer, owner: Buffer): void {
  const root = ownerOf(owner);
  root.first = Math.min(root.first, buffer.first);
  root.last = Math.max(root.last, buffer.last);
  buffer.sharedWith = root;
}

/** A pointer some bytes further on. */
export const shifted = (pointer: Pointer, bytes: number): Pointer => ({
  buffer: pointer.buffer,
  offset: pointer.offset + bytes,
});

export const addressOf = ({ buffer, offset }: Pointer): number => ownerOf(buffer).address + offset;

/**
 * Gives every buffer its address: persistent ones one after the other, the others where no buffer lives that is needed at
 * the same time, the largest first. Returns the end of the memory, in bytes.
 * @throws {ModelError} `unsupported` when it would exceed `limit`, or what WebAssembly can address.
 */
export function placeBuffers(buffers: readonly Buffer[], limit = LIMIT): number {
  let end = FIRST_ADDRESS;
  const owners = buffers.filter((b) => !b.sharedWith);
  for (const buffer of owners.filter((b) => b.isPersistent)) {
    buffer.address = end;
    end += buffer.bytes;
  }
  const start = end;
  const placed: Buffer[] = [];
  for (const buffer of owners.filter((b) => !b.isPersistent).sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    buffer.address = lowestGap(buffer, placed, start);
    placed.push(buffer);
    end = Math.max(end, buffer.address + buffer.bytes);
  }
  requireRoom(end, limit);
  return end;
}

/** @throws {ModelError} `unsupported` when so many bytes exceed `limit`, or what WebAssembly can address. */
export function requireRoom(bytes: number, limit = LIMIT): void {
  const most = Math.min(limit, LIMIT);
  if (!(bytes <= most))
    throw new ModelError(
      'unsupported',
      `expected at most ${megabytes(most)} of memory, the model needs ${megabytes(bytes)} at these shapes. Use smaller inputs.`,
    );
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;

function lowestGap(buffer: Buffer, placed: readonly Buffer[], start: number): number {
  const busy = placed
    .filter((p) => p.first <= buffer.last && buffer.first <= p.last)
    .sort((a, b) => a.address - b.address);
  let address = start;
  for (const { address: from, bytes } of busy) {
    if (address + buffer.bytes <= from) break;
    address = Math.max(address, from + bytes);
  }
  return address;
}
