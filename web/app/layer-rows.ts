import type { LayerDifference } from '../../src/evaluate/compare/types.js';
import type { Decision } from '../../src/quantize/report.js';
import type { Choice, OpenedModel, Optimized, Storage, Technique } from '../protocol.js';

/** One constant of the model, as the table shows it. */
export interface LayerRow {
  readonly name: string;
  /** `CONV_2D filter`, of its first reader. */
  readonly role: string;
  readonly decision: Decision;
  /** How it is stored now. */
  readonly stored: string;
  readonly isQuantized: boolean;
  /** What it can be stored as; empty when there is no choice. */
  readonly options: readonly Storage[];
  /** The error that its layer adds, and its part of the whole, 0..1; undefined until it was measured. */
  readonly layer: LayerDifference | undefined;
}

/** Reasons for which a constant stays as it is whatever is wanted. */
const FIXED: readonly string[] = ['not-float32', 'already-quantized', 'leaves-the-graph', 'not-finite'];
/** Constants of fewer elements are left out of the short list. */
const SMALL = 1024;

/** The constants of a result, largest first. */
export function layerRows(
  { constants }: OpenedModel,
  result: Optimized,
  layers: readonly LayerDifference[],
): LayerRow[] {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const rows = new Map<string, LayerRow>();
  for (const decision of result.decisions) {
    const known = rows.get(decision.value);
    if (known && (known.isQuantized || decision.action === 'kept')) continue;
    const [reader] = decision.consumers;
    const op = reader?.op ?? 'output';
    rows.set(decision.value, {
      name: decision.value,
      role: reader?.argument ? `${op} ${reader.argument}` : op,
      decision,
      stored: decision.action === 'kept' ? decision.dtype : decision.action,
      isQuantized: decision.action !== 'kept',
      options: optionsOf(decision, constants),
      layer: (constants[decision.value]?.layers ?? [])
        .map((name) => byName.get(name))
        .find((layer) => layer !== undefined),
    });
  }
  return [...rows.values()].sort((a, b) => b.decision.bytesBefore - a.decision.bytesBefore);
}

function optionsOf({ code, value }: Decision, constants: OpenedModel['constants']): readonly Storage[] {
  if (FIXED.includes(code)) return [];
  return constants[value]?.canBeInt8 ? ['float32', 'float16', 'int8'] : ['float32', 'float16'];
}

/** Whether a row is worth a line before everything is asked for. */
export const isLarge = ({ decision, isQuantized }: LayerRow, { storage }: Choice): boolean =>
  decision.elements >= SMALL || isQuantized || Object.hasOwn(storage, decision.value);

/** Whether a constant is meant to be quantized; until the choice is carried out, what is says something else. */
export function isMeantQuantized(choice: Choice, result: Optimized, { name, isQuantized }: LayerRow): boolean {
  const stored = choice.storage[name];
  if (stored) return stored !== 'float32';
  return isQuantized || Object.hasOwn(result.choice.storage, name);
}

/** A choice in which one constant is stored in another way; undefined: as the technique says. */
export function withStorage(choice: Choice, name: string, stored: Storage | undefined): Choice {
  const { [name]: _, ...others } = choice.storage;
  return { technique: choice.technique, storage: stored ? { ...others, [name]: stored } : others };
}

/** A choice in which a constant is quantized, or left in float. */
export function withQuantized(choice: Choice, row: LayerRow, wanted: boolean): Choice {
  if (!wanted) return withStorage(choice, row.name, 'float32');
  if (choice.storage[row.name] === 'float32') return withStorage(choice, row.name, undefined);
  return withStorage(choice, row.name, OF_TECHNIQUE[choice.technique]);
}

const OF_TECHNIQUE: Readonly<Record<Technique, Storage>> = {
  none: 'int8',
  float16: 'float16',
  'weight-only': 'int8',
  dynamic: 'int8',
};
