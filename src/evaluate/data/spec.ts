import { ModelError } from '../../errors.js';

/** One step between a file and the input of a model, in the order of the list. */
export type Step =
  | { readonly step: 'resize'; readonly height: number; readonly width: number }
  | { readonly step: 'center-crop'; readonly height: number; readonly width: number }
  | { readonly step: 'scale'; readonly by?: number; readonly over?: number; readonly add?: number }
  | { readonly step: 'normalize'; readonly mean: readonly number[]; readonly std: readonly number[] }
  | { readonly step: 'channels-first' }
  | {
      readonly step: 'log-mel';
      readonly rate: number;
      readonly frame: number;
      readonly hop: number;
      readonly bins: number;
      readonly low: number;
      readonly high: number;
    };

/** Where samples and their labels are. Paths are relative to the file that says so. */
export type DataSource =
  | { readonly kind: 'arrays'; readonly inputs: string | Readonly<Record<string, string>>; readonly labels?: string }
  | { readonly kind: 'files'; readonly folder: string; readonly labels?: string }
  | { readonly kind: 'csv'; readonly file: string; readonly label: string; readonly columns?: readonly string[] }
  | {
      readonly kind: 'tfrecord';
      readonly file: string;
      readonly input: string;
      readonly label: string;
      readonly shape?: readonly number[];
    };

/** A data set: what `--data FILE.json` holds. */
export interface DataSpec {
  readonly source: DataSource;
  readonly preprocess: readonly Step[];
  /** Names of the classes, by number; in a folder with a folder for each class, their order when it is given. */
  readonly classes?: readonly string[];
}

type Check = (value: unknown) => boolean;
const text: Check = (v) => typeof v === 'string' && v !== '';
const number: Check = (v) => typeof v === 'number' && Number.isFinite(v);
const size: Check = (v) => Number.isInteger(v) && (v as number) > 0 && (v as number) <= 1 << 20;
const list =
  (item: Check): Check =>
  (v) =>
    Array.isArray(v) && v.every(item);
const named: Check = (v) =>
  text(v) || (typeof v === 'object' && v !== null && !Array.isArray(v) && Object.values(v).every(text));

/** Key -> check; a `?` marks one that may be left out. */
type Rules = Readonly<Record<string, Check>>;

const SOURCES: Readonly<Record<string, Rules>> = {
  arrays: { inputs: named, 'labels?': text },
  files: { folder: text, 'labels?': text },
  csv: { file: text, label: text, 'columns?': list(text) },
  tfrecord: { file: text, input: text, label: text, 'shape?': list(size) },
};
const STEPS: Readonly<Record<string, Rules>> = {
  resize: { height: size, width: size },
  'center-crop': { height: size, width: size },
  scale: { 'by?': number, 'over?': (v) => number(v) && v !== 0, 'add?': number },
  normalize: { mean: list(number), std: list((v) => number(v) && v !== 0) },
  'channels-first': {},
  'log-mel': { rate: size, frame: size, hop: size, bins: size, low: number, high: number },
};

/**
 * Reads the description of a data set.
 * @throws {ModelError} `malformed-file` that names what is wrong.
 */
export function parseDataSpec(json: string, where: string): DataSpec {
  const wrong = (message: string) => new ModelError('malformed-file', message, { where });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new ModelError('malformed-file', `JSON expected: ${(cause as Error).message}.`, { where, cause });
  }
  const top = objectOf(value, 'the description of a data set', wrong);
  checkKeys(
    top,
    { source: () => true, 'preprocess?': Array.isArray, 'classes?': list(text) },
    'the description',
    wrong,
  );
  const source = objectOf(top.source, 'source', wrong);
  const { kind, ...rest } = source;
  checkKeys(rest, rulesOf(SOURCES, kind, 'source.kind', wrong), `source '${kind}'`, wrong);
  const preprocess = ((top.preprocess as unknown[] | undefined) ?? []).map((entry, i) => {
    const { step, ...options } = objectOf(entry, `preprocess[${i}]`, wrong);
    checkKeys(options, rulesOf(STEPS, step, `preprocess[${i}].step`, wrong), `preprocess[${i}] '${step}'`, wrong);
    return { ...options, step };
  });
  return { ...top, source, preprocess } as unknown as DataSpec;
}

type Wrong = (message: string) => ModelError;

function objectOf(value: unknown, what: string, wrong: Wrong): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(`an object expected as ${what}.`);
  return value as Record<string, unknown>;
}

function rulesOf(table: Readonly<Record<string, Rules>>, name: unknown, at: string, wrong: Wrong): Rules {
  const rules = typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
  if (!rules) throw wrong(`${at}: one of ${Object.keys(table).join(', ')} expected, got ${JSON.stringify(name)}.`);
  return rules;
}

function checkKeys(value: Readonly<Record<string, unknown>>, rules: Rules, what: string, wrong: Wrong): void {
  const known = Object.keys(rules).map((key) => key.replace('?', ''));
  for (const key of Object.keys(value))
    if (!known.includes(key))
      throw wrong(`${what} has an unknown field '${key}'. Known are ${known.join(', ') || 'none'}.`);
  for (const [key, check] of Object.entries(rules)) {
    const name = key.replace('?', '');
    if (value[name] === undefined && key.endsWith('?')) continue;
    if (!check(value[name])) throw wrong(`${what}: '${name}' is ${JSON.stringify(value[name]) ?? 'missing'}.`);
  }
}
