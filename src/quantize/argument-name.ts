import { findOp } from '../ops/registry.js';

/** The name of an operator's input, such as `filter`; null for operators and inputs that are not known. */
export function argumentName(op: string, index: number): string | null {
  const names = findOp(op)?.inputs ?? [];
  const last = names.at(-1);
  const name = names[index] ?? (last?.endsWith('*') ? last : undefined);
  return name?.replace(/[?*]$/, '') ?? null;
}
