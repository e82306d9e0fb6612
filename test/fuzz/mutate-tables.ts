import { withTables } from '../../src/formats/tflite/testing.js';
import { enums } from '../../src/schema/tflite.gen.js';
import { seededRandom } from './mutate.js';

/** Values at which indices, sizes and counts tend to break. */
const EDGES = [-2147483648, -65536, -2, -1, 0, 1, 2, 3, 4, 5, 7, 8, 16, 127, 255, 65535, 65536, 1 << 24, 2147483647];
const SPECIAL = [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1e-38, 1e38];

const OPERATORS = Object.keys(enums.BuiltinOperator?.values ?? {});

/** One place in the tables that holds a number, a flag, the name of an enum's member, or an index. */
interface Slot {
  readonly path: string;
  readonly holder: Record<string | number, unknown>;
  readonly key: string | number;
}

/**
 * Copies of a `.tflite` that are well-formed files and say something wrong: shapes, indices, options, types, operators and
 * elements of constants are changed, one to three in each copy. The same arguments give the same copies.
 */
export function* tableMutations(bytes: Uint8Array, count: number, seed: number): Iterable<Uint8Array> {
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  for (let i = 0; i < count; i++)
    yield withTables(bytes, (tables) => {
      const places = [...slotsOf(tables as unknown as Slot['holder'], '')];
      const groups = [...new Set(places.map((p) => p.path))];
      for (let k = below(3); k >= 0; k--) {
        // A kind of field first, then one of its places: else the elements of constants would be nearly all.
        const path = groups[below(groups.length)];
        const same = places.filter((p) => p.path === path);
        change(same[below(same.length)] as Slot, below);
      }
    });
}

function* slotsOf(holder: Slot['holder'], path: string): Iterable<Slot> {
  const isArray = Array.isArray(holder) || ArrayBuffer.isView(holder);
  for (const key of Object.keys(holder)) {
    const value = holder[key];
    const inside = isArray ? path : `${path}.${key}`;
    if (typeof value === 'object' && value !== null) yield* slotsOf(value as Slot['holder'], inside);
    else if (value !== undefined && !/description|name$/i.test(inside)) yield { path: inside, holder, key };
  }
}

/** Names that may stand where `name` stands: those of every enum that has it. */
function membersBeside(name: string): readonly string[] {
  const [first, ...others] = Object.values(enums).filter(({ values }) => name in values);
  return Object.keys(first?.values ?? {}).filter((member) => others.every(({ values }) => member in values));
}

function change({ holder, key }: Slot, below: (n: number) => number): void {
  const value = holder[key];
  const isByte = holder instanceof Uint8Array;
  if (typeof value === 'boolean') holder[key] = !value;
  else if (typeof value === 'bigint') holder[key] = BigInt(EDGES[below(EDGES.length)] as number);
  else if (typeof value === 'string') {
    const members = key === 'builtinCode' ? OPERATORS : membersBeside(value);
    if (members.length > 0) holder[key] = members[below(members.length)];
    if (key === 'builtinCode') holder.deprecatedBuiltinCode = 0;
  } else if (isByte) holder[key] = below(256);
  else if (holder instanceof Float32Array) holder[key] = SPECIAL[below(SPECIAL.length)] as number;
  else if (below(3) === 0) holder[key] = (value as number) + below(5) - 2;
  else holder[key] = EDGES[below(EDGES.length)];
}
