import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/errors.js';
import type { Graph, Model } from '../../src/ir/graph.js';
import { seededData } from '../../src/ir/seeded.js';
import { elementCount, type Shape, type Tensor } from '../../src/ir/tensor.js';
import { addressOf, BAD_INDEX, type Buffer as Owner, ownerOf } from '../../src/runtime/buffers.js';
import type { Plan, Step } from '../../src/runtime/compile.js';
import { planFaults } from './check-plan.js';
import { type Opened, OpenModel } from './compiled.js';
import { models } from './models.js';

const shapesOf = (graph: Graph): Shape[] => graph.inputs.map((v) => (v.shape ?? []).map((d) => Math.max(d, 1)));

const inputsOf = (graph: Graph): Tensor[] =>
  shapesOf(graph).map((shape, i) => {
    const { name, dtype } = graph.inputs[i]!;
    return { dtype, shape, data: seededData(dtype, elementCount(shape), name) };
  });

/** Runs the graphs that a caller can run. What nothing here runs, such as a custom operator, ends the run. */
function runAll(model: Model, open: OpenModel): void {
  const entries = model.signatures.length > 0 ? model.signatures.map((s) => s.graph) : [0];
  for (const index of entries)
    try {
      open.run(index, inputsOf(model.graphs[index]!));
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      expect(error.message).toMatch(/no kernel here|the float kernel expects/);
    }
}

describe.each(models)('%s', (_, read) => {
  it('has plans in which no buffer takes the place of another that is needed', () => {
    const faults: string[] = [];
    const model = read();
    runAll(model, new OpenModel(model, ({ executable }) => faults.push(...planFaults(executable.plan))));
    expect(faults).toEqual([]);
  });

  it('writes nothing outside of what each step may write, run after run', () => {
    const model = read();
    const canaries = new Map<Opened, Canary>();
    const open = new OpenModel(
      model,
      (opened) => canaries.set(opened, new Canary(opened)),
      (opened, step) => canaries.get(opened)!.check(step),
    );
    runAll(model, open);
    runAll(model, open);
    expect([...canaries.values()].flatMap((canary) => [...canary.faults, ...canary.gapFaults()])).toEqual([]);
  });
});

const PATTERN = 0xa5;

/** Watches the memory of a compiled graph: a pattern lies where nothing is, and a copy tells what changed. */
class Canary {
  readonly #memory: Uint8Array;
  readonly #plan: Plan;
  readonly faults: string[] = [];
  #before: Uint8Array;

  constructor({ memory, executable }: Opened) {
    this.#memory = new Uint8Array(memory);
    this.#plan = executable.plan;
    for (const [from, to] of this.#gaps()) this.#memory.fill(PATTERN, from, to);
    this.#before = this.#memory.slice();
  }

  /** The step that has just run changed its outputs, its scratch and its states at most. */
  check(step: Step): void {
    const after = this.#memory;
    let from = 0;
    const places = [...writable(this.#plan, step)].sort((a, b) => a.address - b.address);
    for (const { address, bytes } of places) {
      this.#same(from, address, step);
      from = address + bytes;
    }
    this.#same(from, after.length, step);
    for (const { address, bytes } of places) this.#before.set(after.subarray(address, address + bytes), address);
    if (step === this.#plan.steps[0]) this.#before = after.slice();
  }

  #same(from: number, to: number, step: Step): void {
    const isInput = (at: number) =>
      this.#plan.inputs.some(({ pointer, count }) => count > 0 && at >= addressOf(pointer) && at < addressOf(pointer) + ownerOf(pointer.buffer).bytes); // biome-ignore format: one condition
    if (Buffer.compare(this.#memory.subarray(from, to), this.#before.subarray(from, to)) === 0) return;
    const at = this.#memory.findIndex((x, i) => i >= from && i < to && x !== this.#before[i] && !isNote(i));
    // Inputs are written before the first step.
    if (at >= 0 && !(step === this.#plan.steps[0] && isInput(at)))
      this.faults.push(`${step.node.op} '${step.node.name}' (${step.kernel}) wrote to ${at}`);
  }

  gapFaults(): string[] {
    const broken = this.#gaps().filter(([from, to]) => !this.#memory.subarray(from, to).every((x) => x === PATTERN));
    return broken.map(([from, to]) => `${from} to ${to} is nobody's and was written to`);
  }

  /** The ranges of the memory that belong to no buffer. */
  #gaps(): (readonly [number, number])[] {
    const owners = new Set(this.#plan.operands.buffers.map(ownerOf));
    const ends: [number, number][] = [[BAD_INDEX, BAD_INDEX + 8]];
    for (const { address, bytes } of owners) ends.push([address, address + bytes]);
    ends.sort((a, b) => a[0] - b[0]);
    const gaps: [number, number][] = [];
    let free = 0;
    for (const [from, to] of ends) {
      if (from > free) gaps.push([free, from]);
      free = Math.max(free, to);
    }
    if (free < this.#memory.length) gaps.push([free, this.#memory.length]);
    return gaps;
  }
}

const isNote = (at: number): boolean => at >= BAD_INDEX && at < BAD_INDEX + 8;

/** Buffers of outputs, of states, and those that only this step has: not of constants, not of other inputs. */
function writable(plan: Plan, step: Step): Set<Owner> {
  const owner = (o: Step['outputs'][number]) => ownerOf(o.pointer.buffer);
  const held = step.inputs.filter((o) => o !== undefined && !o.constant);
  const constants = new Set(plan.operands.fills.map((f) => ownerOf(f.pointer.buffer)));
  const read = new Set(held.filter((o) => !o!.isVariable).map((o) => owner(o!)));
  const passed = step.calls.flatMap((c) => c.args.flatMap((a) => (typeof a === 'number' ? [] : [ownerOf(a.buffer)])));
  return new Set<Owner>([
    ...step.outputs.filter((o) => !o.constant).map(owner),
    ...held.filter((o) => o!.isVariable).map((o) => owner(o!)),
    ...passed.filter((b) => !constants.has(b) && !read.has(b)),
  ]);
}
