import type { WasmMemory } from '../wasm/host.js';
import { Sharing } from './sharing.js';

/** A thread that has been started with a piece of code. */
export interface Thread {
  terminate(): void;
}

/** Starts a thread that evaluates `code` with the global `data`; every platform has its way. */
export type ThreadStarter = (code: string, data: unknown) => Thread;

// Words of the control block, which all threads share.
const SEQUENCE = 0; // grows with every job; sleeping threads wait for it
const NEXT = 1; // high half: the job; low half: the next chunk to hand out
const ACTIVE = 2; // threads that may be computing a chunk
const CALL = 3;
const UNITS = 4;
const CHUNK = 5; // units in a chunk
const COUNT = 6; // chunks
const QUIT = 7;
const SLEEPING = 8;
const WORDS = 16;

const CLOSED = 0xffff;
/** Rounds to look for work before a thread goes to sleep: about 50 us. */
const SPINS = 20000;
/** Chunks for each thread, so that one that is held up does not hold up the others. */
const CHUNKS_PER_THREAD = 4;

/**
 * What a thread does: it takes chunks of the job at hand until there are none, then waits for the next job. A chunk is
 * taken by comparing and swapping the word that holds both job and chunk, so nothing is taken twice, and nothing of a job
 * that is over. The text of this function runs in the thread: it must refer to nothing outside.
 */
function threadMain(
  data: { module: object; memory: WasmMemory; control: Int32Array },
  WebAssembly: {
    Instance: new (
      module: object,
      imports: object,
    ) => { exports: { part: (call: number, from: number, to: number) => void } };
  },
): void {
  const { module, memory, control } = data;
  const { part } = new WebAssembly.Instance(module, { env: { memory, js() {} } }).exports;
  let seen = -1;
  for (;;) {
    for (let spins = 0; spins < 20000 && Atomics.load(control, 0) === seen; spins++);
    if (Atomics.load(control, 0) === seen) {
      Atomics.add(control, 8, 1);
      Atomics.wait(control, 0, seen);
      Atomics.sub(control, 8, 1);
    }
    seen = Atomics.load(control, 0);
    if (Atomics.load(control, 7) === 1) return;
    Atomics.add(control, 2, 1);
    for (;;) {
      const next = Atomics.load(control, 1);
      const index = next & 0xffff;
      if (index >= Atomics.load(control, 6)) break;
      if (Atomics.compareExchange(control, 1, next, next + 1) !== next) continue;
      const chunk = Atomics.load(control, 5);
      const units = Atomics.load(control, 4);
      part(Atomics.load(control, 3), index * chunk, Math.min(units, (index + 1) * chunk));
    }
    if (Atomics.sub(control, 2, 1) === 1) Atomics.notify(control, 2);
  }
}

/** Threads that compute parts of the calls of one compiled graph, those calls where it pays. */
export class ThreadPool {
  readonly #control = new Int32Array(new SharedArrayBuffer(WORDS * 4));
  readonly #threads: readonly Thread[];
  readonly #sharing = new Sharing();
  #job = 0;

  /** @param count Threads in all; the calling one is one of them. */
  constructor(count: number, start: ThreadStarter, module: object, memory: WasmMemory) {
    const code = `(${threadMain})(data, WebAssembly)`;
    const data = { module, memory, control: this.#control };
    Atomics.store(this.#control, NEXT, CLOSED);
    this.#threads = Array.from({ length: count - 1 }, () => start(code, data));
  }

  /** Computes all units of call `call`, in multiples of `grain`; `part` computes some in this thread. */
  run(call: number, units: number, grain: number, part: (call: number, from: number, to: number) => void): void {
    const start = performance.now();
    const isShared = this.#sharing.shouldShare(call);
    if (isShared) this.#share(call, units, grain, part);
    else part(call, 0, units);
    this.#sharing.note(call, units, performance.now() - start, isShared);
  }

  #share(call: number, units: number, grain: number, part: (call: number, from: number, to: number) => void): void {
    const control = this.#control;
    const grains = Math.ceil(units / grain);
    const chunk = Math.ceil(grains / ((this.#threads.length + 1) * CHUNKS_PER_THREAD)) * grain;
    const count = Math.ceil(units / chunk);
    this.#job = (this.#job + 1) & 0x7fff;
    // Closed first: a thread that comes late from the last job must not take the new numbers for its own.
    Atomics.store(control, NEXT, (this.#job << 16) | CLOSED);
    Atomics.store(control, CALL, call);
    Atomics.store(control, UNITS, units);
    Atomics.store(control, CHUNK, chunk);
    Atomics.store(control, COUNT, count);
    Atomics.store(control, NEXT, this.#job << 16);
    Atomics.add(control, SEQUENCE, 1);
    if (Atomics.load(control, SLEEPING) > 0) Atomics.notify(control, SEQUENCE);
    for (;;) {
      const next = Atomics.load(control, NEXT);
      const index = next & CLOSED;
      if (index >= count) break;
      if (Atomics.compareExchange(control, NEXT, next, next + 1) !== next) continue;
      part(call, index * chunk, Math.min(units, (index + 1) * chunk));
    }
    this.#waitForOthers();
  }

  #waitForOthers(): void {
    for (let spins = 0; ; spins++) {
      const active = Atomics.load(this.#control, ACTIVE);
      if (active === 0) return;
      // The main thread of a page may not sleep; there `wait` throws and spinning goes on.
      if (spins > SPINS) tryToWait(this.#control, ACTIVE, active);
    }
  }

  dispose(): void {
    Atomics.store(this.#control, QUIT, 1);
    Atomics.add(this.#control, SEQUENCE, 1);
    Atomics.notify(this.#control, SEQUENCE);
    for (const thread of this.#threads) thread.terminate();
  }
}

function tryToWait(control: Int32Array, index: number, value: number): void {
  try {
    Atomics.wait(control, index, value, 1);
  } catch {
    // Not allowed here.
  }
}
