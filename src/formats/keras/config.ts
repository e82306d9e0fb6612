import { ModelError } from '../../errors.js';
import { entry, isObject, type Json, type JsonObject } from './json.js';

/** The configuration of a layer. An absent or null entry has the default that is given. */
export class Config {
  readonly object: JsonObject;
  constructor(object: JsonObject) {
    this.object = object;
  }

  /** The entry, or undefined when it is absent or null. */
  get(key: string): Json | undefined {
    return entry(this.object, key) ?? undefined;
  }

  number(key: string, fallback?: number): number {
    const value = this.get(key) ?? fallback;
    if (typeof value === 'number') return value;
    throw bad(key, 'a number', value);
  }

  /** A whole number of at least `least`. */
  integer(key: string, fallback?: number, least = 0): number {
    const value = this.number(key, fallback);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw bad(key, `a whole number from ${least}`, value);
  }

  bool(key: string, fallback: boolean): boolean {
    const value = this.get(key) ?? fallback;
    if (typeof value === 'boolean') return value;
    throw bad(key, 'true or false', value);
  }

  string(key: string, fallback?: string): string {
    const value = this.get(key) ?? fallback;
    if (typeof value === 'string') return value;
    throw bad(key, 'a text', value);
  }

  /** A number or a list of numbers, as a list; undefined when absent. */
  numbers(key: string): number[] | undefined {
    const value = this.get(key);
    if (value === undefined) return undefined;
    const list = Array.isArray(value) ? value.flat(3) : [value];
    if (list.every((v) => typeof v === 'number')) return list;
    throw bad(key, 'numbers', value);
  }

  /** One positive whole number for each of `axes` axes: one stands for all. */
  sizes(key: string, axes: number, fallback?: number | readonly number[]): number[] {
    const list = this.numbers(key) ?? (typeof fallback === 'number' ? [fallback] : fallback);
    const all = list?.length === 1 ? new Array<number>(axes).fill(list[0] as number) : list;
    if (all?.length === axes && all.every((n) => Number.isSafeInteger(n) && n > 0)) return [...all];
    throw bad(key, `${axes} positive whole numbers`, this.get(key));
  }

  /** A layer, wrapped in this one. */
  layer(key: string): JsonObject {
    const value = this.get(key);
    if (isObject(value)) return value;
    throw bad(key, 'an object', value);
  }

  get dataFormat(): 'channels_first' | 'channels_last' {
    return this.string('data_format', 'channels_last') === 'channels_first' ? 'channels_first' : 'channels_last';
  }
}

function bad(key: string, expected: string, got: unknown): ModelError {
  return new ModelError('malformed-file', `${key}: ${expected} expected, got ${JSON.stringify(got)?.slice(0, 60)}`);
}
