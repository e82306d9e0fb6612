import { InvalidArgumentError, Option } from 'commander';
import type { ReadOptions } from '../formats/types.js';
import type { Shape } from '../ir/tensor.js';

/** What a command takes as a model, for its help. */
export const MODEL =
  'SavedModel folder, .keras, .h5, TensorFlow.js model.json, .pb, .meta of a checkpoint, .tflite; also in a .zip or .tar.gz';

/** `name=1,224,224,3` -> an entry of the map. Unknown sizes are written `-1` or `?`. */
export function parseInputShape(text: string, before: Record<string, Shape> = {}): Record<string, Shape> {
  const at = text.lastIndexOf('=');
  const sizes = text.slice(at + 1).trim();
  const shape = sizes === '' ? [] : sizes.split(',').map((s) => (s.trim() === '?' ? -1 : Number(s)));
  if (at < 1 || shape.some((d) => !Number.isInteger(d) || d < -1))
    throw new InvalidArgumentError('expected NAME=SIZE,SIZE,… such as image=1,224,224,3');
  return Object.assign(Object.create(null), before, { [text.slice(0, at)]: shape });
}

/** A whole number of at least 0. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('expected a whole number of at least 0');
  return value;
}

/** A whole number of at least 1. */
export function parseAmount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('expected a whole number of at least 1');
  return value;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

/** A flag that may be given several times; its values are collected into a list. */
export const repeatable = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(collect);

/** `--input-shape NAME=SIZES`. */
export const inputShapeFlag = (): Option =>
  new Option('--input-shape <name=sizes>', 'shape of an input, e.g. image=1,224,224,3 (repeatable)').argParser(
    parseInputShape,
  );

/** Flags that say how to read a model; every command that takes a model has them. */
export function readFlags(): Option[] {
  return [
    repeatable('--signature <key>', 'signature to convert (repeatable; "all" for all; serving_default when absent)'),
    repeatable('--tag <tag>', 'MetaGraph tag of a SavedModel (repeatable; "serve" when absent)'),
    repeatable('--input <name>', 'input node of a graph without signatures (repeatable)'),
    repeatable('--output <name>', 'output node of a graph without signatures (repeatable)'),
    inputShapeFlag(),
    new Option('--allow-custom-ops', 'let operations without a counterpart through as custom operators'),
  ];
}

/** What commander makes of {@link readFlags}. */
export interface ReadFlags {
  readonly signature?: string[];
  readonly tag?: string[];
  readonly input?: string[];
  readonly output?: string[];
  readonly inputShape?: Record<string, Shape>;
  readonly allowCustomOps?: boolean;
}

export function readOptions(flags: ReadFlags): ReadOptions {
  return {
    ...(flags.signature && { signatures: flags.signature.includes('all') ? 'all' : flags.signature }),
    ...(flags.tag && { tags: flags.tag }),
    ...(flags.input && { inputs: flags.input }),
    ...(flags.output && { outputs: flags.output }),
    ...(flags.inputShape && { inputShapes: flags.inputShape }),
    ...(flags.allowCustomOps && { allowCustomOps: true }),
  };
}
