import { addressOf, type Buffer, FIRST_ADDRESS, ownerOf, type Pointer } from '../../src/runtime/buffers.js';
import type { Plan, Step } from '../../src/runtime/compile.js';
import type { Operand } from '../../src/runtime/kernel.js';
import { elementBytes } from '../../src/runtime/operands.js';

/** A step writes this value, in this buffer; the last step that reads it. */
interface Life {
  readonly operand: Operand;
  readonly written: number;
  last: number;
}

/**
 * What is wrong with the memory of a plan; nothing when every pointer lies within its buffer, buffers that are needed at the
 * same time have memory of their own, and no step writes to memory that still holds what a later one reads.
 */
export function planFaults(plan: Plan): string[] {
  const faults: string[] = [];
  const needed = new Map<Buffer, { first: number; last: number }>();
  const use = (pointer: Pointer, bytes: number, step: number, what: string) => {
    const owner = ownerOf(pointer.buffer);
    const [from, to] = [addressOf(pointer), addressOf(pointer) + bytes];
    if (from < owner.address || to > owner.address + owner.bytes) faults.push(`${what} leaves its buffer`);
    if (owner.address < FIRST_ADDRESS || to > plan.memory) faults.push(`${what} lies outside of the memory`);
    const { first, last } = needed.get(owner) ?? { first: step, last: step };
    needed.set(owner, { first: Math.min(first, step), last: Math.max(last, step) });
  };
  for (const { pointer, bytes } of plan.operands.fills) use(pointer, bytes, 0, 'a constant');
  for (const operand of plan.inputs) useOperand(operand, -1, use);
  for (const [i, step] of plan.steps.entries()) {
    for (const { args } of step.calls)
      for (const a of args) if (typeof a !== 'number') use(a, 1, i, `an argument of ${nameOf(step)}`);
    for (const operand of [...step.inputs, ...step.outputs]) if (operand) useOperand(operand, i, use);
  }
  for (const value of plan.results) useOperand(plan.operands.of(value), plan.steps.length, use);
  return [...faults, ...overlaps(needed), ...lostValues(plan)];
}

const nameOf = (step: Step): string => `${step.node.op} '${step.node.name}'`;

/** Constants have places of their own, which arguments name. */
function useOperand(operand: Operand, step: number, use: (p: Pointer, bytes: number, s: number, w: string) => void) {
  if (!operand.constant)
    use(operand.pointer, operand.count * elementBytes(operand.dtype), step, `value '${operand.name}'`);
}

function overlaps(needed: ReadonlyMap<Buffer, { first: number; last: number }>): string[] {
  const all = [...needed].map(([buffer, { first, last }]) => ({
    buffer,
    first: buffer.isPersistent ? -Infinity : first,
    last: buffer.isPersistent ? Infinity : last,
  }));
  return all.flatMap((a, i) =>
    all.slice(i + 1).flatMap((b) => {
      const sameTime = a.first <= b.last && b.first <= a.last;
      const [p, q] = [a.buffer, b.buffer];
      const samePlace = p.address < q.address + q.bytes && q.address < p.address + p.bytes;
      return sameTime && samePlace ? [`buffers at ${p.address} and ${q.address} overlap`] : [];
    }),
  );
}

/** Values whose memory a step takes over before their last reader has run. */
function lostValues(plan: Plan): string[] {
  const lives = new Map<Operand, Life>();
  const read = (operand: Operand | undefined, step: number) => {
    const life = operand && lives.get(operand);
    if (life) life.last = step;
  };
  for (const operand of plan.inputs) lives.set(operand, { operand, written: -1, last: -1 });
  for (const [i, step] of plan.steps.entries()) {
    for (const operand of step.inputs) read(operand, i);
    for (const operand of step.outputs) lives.set(operand, { operand, written: i, last: i });
  }
  for (const value of plan.results) read(plan.operands.of(value), plan.steps.length);
  const homes = new Map<Buffer, Life[]>();
  for (const life of lives.values()) {
    if (life.operand.constant) continue;
    const owner = ownerOf(life.operand.pointer.buffer);
    homes.set(owner, [...(homes.get(owner) ?? []), life]);
  }
  return plan.steps.flatMap((step, i) => {
    const writes = step.isPlain || step.calls.length > 0;
    return (writes ? step.outputs : []).flatMap((output) =>
      (homes.get(ownerOf(output.pointer.buffer)) ?? [])
        .filter((life) => life.operand !== output && life.written <= i && life.last > i)
        .map((life) => `${nameOf(step)} writes over '${life.operand.name}'`),
    );
  });
}
