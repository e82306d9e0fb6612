import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/bytes/source.js';
import { load } from '../../src/node/runtime.js';
import type { LoadOptions } from '../../src/runtime/api.js';
import { modelBytes } from '../oracle/kernel-case.js';

const sum = `graph main(%a: f32[?,3], %b: f32[3]) {
  %y = ADD(%a, %b) : f32[?,3]
  return %y
}`;
const open = (text: string, options?: LoadOptions) => load(bytesSource(modelBytes(text)), options);
const fixture = (name: string) => load(new Uint8Array(readFileSync(`test/fixtures/tflite/${name}.tflite`)));
const ones = (count: number) => new Float32Array(count).fill(1);

/** What the call throws: its text, after checking that it is a ModelError of that code. */
function refused(work: () => unknown, code: string): string {
  try {
    work();
  } catch (error) {
    expect(error).toMatchObject({ name: 'ModelError', code });
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('inputs that do not fit are refused', () => {
  it('says which names there are, and which input is missing', async () => {
    const model = await open(sum);
    expect(refused(() => model.run({ a: ones(3), c: ones(3) }), 'not-found')).toBe("no input 'c'. There are: a, b.");
    expect(refused(() => model.run({ a: ones(3) }), 'invalid-data')).toBe("input 'b': expected f32 [3], got nothing.");
    expect(refused(() => model.run([ones(3)]), 'invalid-data')).toBe('expected 2 inputs (a, b), got 1.');
  });

  it('says which type is expected, of the array and of the tensor', async () => {
    const model = await open(sum);
    const b = ones(3);
    expect(refused(() => model.run({ a: new Int32Array(3), b }), 'invalid-data')).toBe(
      "input 'a': expected elements of type f32, got Int32Array.",
    );
    expect(refused(() => model.run({ a: { data: ones(3), dtype: 'i8' }, b }), 'invalid-data')).toBe(
      "input 'a': expected f32 elements, got i8.",
    );
    const nothing = { a: undefined as unknown as Float32Array, b };
    expect(refused(() => model.run(nothing), 'invalid-data')).toContain("input 'a': expected f32 [-1,3], got nothing.");
    const text = { a: 'abc' as unknown as Float32Array, b };
    expect(refused(() => model.run(text), 'invalid-data')).toContain("input 'a': expected elements of type f32");
  });

  it('says what is expected where callers without types give something else', async () => {
    const model = await open(sum);
    const b = ones(3);
    const run = (inputs: unknown) => refused(() => model.run(inputs as Float32Array[]), 'invalid-data');
    expect(run(null)).toBe('expected inputs by name or in their order, got object.');
    expect(run(undefined)).toBe('expected inputs by name or in their order, got undefined.');
    expect(run({ a: null, b })).toContain("input 'a': expected f32 [-1,3], got nothing.");
    expect(run({ a: { data: ones(3), shape: 3 }, b })).toContain('expected a shape like [-1,3], got [3].');
    const options = (given: object) => expect(open(sum, given as LoadOptions)).rejects;
    await options({ numerics: 'exact' }).toThrow('numerics: expected fast or reference, got exact.');
    await options({ memoryLimit: '1 GB' }).toThrow('memoryLimit: expected a number of 0 or more, got 1 GB.');
    await expect(load(new ArrayBuffer(8) as unknown as Uint8Array)).rejects.toThrow('expected a model as a Uint8Array');
    await options({ inputShapes: { a: 3 } }).toThrow("input 'a': expected a shape like [-1,3], got [3].");
  });

  it('says how many elements and which shape are expected', async () => {
    const model = await open(sum);
    const b = ones(3);
    expect(refused(() => model.run({ a: ones(4), b }), 'invalid-data')).toBe("input 'a': [1,3] has 3 elements, got 4.");
    for (const shape of [[3], [1, 1, 3], [-1, 3], [0.5, 6], [Number.NaN, 3]])
      expect(refused(() => model.run({ a: { data: ones(3), shape }, b }), 'invalid-data')).toContain(
        "input 'a': expected a shape like [-1,3], got",
      );
    // A size that the file knows may be another one, when the operators agree: these do not.
    expect(refused(() => model.run({ a: { data: ones(8), shape: [2, 4] }, b }), 'invalid-graph')).toContain("ADD 'y'");
  });

  it('asks for no memory that there cannot be', async () => {
    const model = await open(sum, { memoryLimit: 1 << 20 });
    expect(refused(() => model.resize({ a: [1e6, 3] }), 'unsupported')).toContain('expected at most 1 MB of memory');
    expect(refused(() => model.resize({ a: [2 ** 31, 3] }), 'unsupported')).toContain('Use smaller inputs');
    const free = await open(sum);
    expect(refused(() => free.resize({ a: [2 ** 40, 3] }), 'unsupported')).toContain('expected at most 4096 MB');
    expect(model.run([ones(3), ones(3)]).y?.data).toEqual(ones(3).fill(2));
  });

  it('makes no tables for a tensor that there cannot be', async () => {
    const huge = `graph main(%x: f32[1,5,7,1]) {
  @size = const i32[2] [10, 100000000]
  %y = RESIZE_BILINEAR(%x, @size) : f32[1,10,7,1]
  return %y
}`;
    const before = performance.now();
    await expect(open(huge, { memoryLimit: 1 << 20 })).rejects.toThrow('expected at most 1 MB of memory');
    expect(performance.now() - before).toBeLessThan(500);
  });
});

describe('signatures, shapes and lifetime', () => {
  it('runs each signature, and says which there are', async () => {
    const model = await fixture('signatures');
    expect(model.signatures.map((s) => s.key)).toEqual(['decode', 'encode']);
    expect(refused(() => model.run([], { signature: 'train' }), 'not-found')).toBe(
      "no signature 'train'. There are: 'decode', 'encode'.",
    );
    const facts = model.signatures[1]!;
    const data = ones(facts.inputs[0]!.shape.reduce((n, d) => n * Math.abs(d), 1));
    expect(Object.keys(model.run([data], { signature: 'encode' }))).toEqual(facts.outputs.map((o) => o.name));
  });

  it('runs on other shapes after resize, and on the first ones again', async () => {
    const model = await open(sum, { inputShapes: { a: [2, 3] } });
    const b = Float32Array.of(1, 2, 3);
    expect(model.run({ a: ones(6), b }).y?.shape).toEqual([2, 3]);
    model.resize({ a: [4, 3] });
    expect(model.run({ a: { data: ones(12), shape: [4, 3] }, b }).y?.shape).toEqual([4, 3]);
    expect(model.run({ a: ones(6), b }).y?.data).toEqual(Float32Array.of(2, 3, 4, 2, 3, 4));
    expect(refused(() => model.resize({ c: [1] }), 'not-found')).toContain("no input 'c'");
    expect(refused(() => model.resize({ a: [3] }), 'invalid-data')).toContain('expected a shape like [-1,3], got [3]');
    await expect(open(sum, { inputShapes: { c: [1] } })).rejects.toThrow("no input 'c'. There are: a, b.");
  });

  it('loads a model of open sizes that do not take a 1', async () => {
    const pool = `graph main(%a: f32[1,?,?,1]) {
      %y = MAX_POOL_2D(%a) {padding: VALID, strideH: 2, strideW: 2, filterHeight: 2, filterWidth: 2} : f32[1,?,?,1]
      return %y
    }`;
    const model = await open(pool);
    expect(refused(() => model.run([ones(1)]), 'invalid-graph')).toMatch(
      /a window of 2 does not fit in 1\. The model leaves sizes open, which were given as a=1,1,1,1: give others/,
    );
    expect(refused(() => model.resize({ a: [1, 1, 5, 1] }), 'invalid-graph')).toContain('given as a=1,1,5,1');
    expect(model.run({ a: { data: Float32Array.of(1, 2, 3, 4), shape: [1, 2, 2, 1] } }).y?.data).toEqual(
      Float32Array.of(4),
    );
    await expect(open(pool, { inputShapes: { a: [1, 1, 1, 1] } })).rejects.toThrow('does not fit in 1');
    await expect(open(pool.replaceAll('?', '1'))).rejects.toThrow('a window of 2 does not fit in 1');
  });

  it('loads a model of open sizes that looks for more than 1', async () => {
    const fourth = `graph main(%a: f32[?]) {
      %sizes = SHAPE(%a) {outType: INT32} : i32[1]
      @none = const i32[0]
      %size = RESHAPE(%sizes, @none) : i32[]
      @zero = const i32[] [0]
      @one = const i32[] [1]
      %numbers = RANGE(@zero, %size, @one) : i32[?]
      @three = const i32[1] [3]
      %y = GATHER(%numbers, @three) {axis: 0} : i32[1]
      return %y
    }`;
    const model = await open(fourth);
    expect(model.run({ a: { data: ones(5), shape: [5] } }).y?.data).toEqual(Int32Array.of(3));
    expect(refused(() => model.run([ones(1)]), 'invalid-data')).toContain('index 3 is not within 0..0');
  });

  it('gives views on demand, which the next run changes, and copies otherwise', async () => {
    const model = await open(sum);
    const b = new Float32Array(3);
    const copy = model.run({ a: Float32Array.of(1, 2, 3), b }).y!.data;
    const view = model.run({ a: Float32Array.of(4, 5, 6), b }, { views: true }).y!.data;
    expect(view).toEqual(Float32Array.of(4, 5, 6));
    model.run({ a: Float32Array.of(7, 8, 9), b });
    expect(view).toEqual(Float32Array.of(7, 8, 9));
    expect(copy).toEqual(Float32Array.of(1, 2, 3));
  });

  it('keeps states from run to run, until they are reset', async () => {
    const model = await fixture('variable');
    const [input] = model.signatures[0]!.inputs;
    const x = ones(input!.shape.reduce((n, d) => n * d, 1));
    const totals = [1, 2].map(() => model.run([x]).total!.data);
    expect(totals[1]).not.toEqual(totals[0]);
    model.reset();
    expect(model.run([x]).total!.data).toEqual(totals[0]);
  });

  it('does nothing once it has been disposed of', async () => {
    const model = await open(sum);
    model.dispose();
    model.dispose();
    const text = 'the model has been disposed of. Load it again.';
    expect(refused(() => model.run([ones(3), ones(3)]), 'invalid-option')).toBe(text);
    expect(refused(() => model.profile([ones(3), ones(3)]), 'invalid-option')).toBe(text);
    expect(refused(() => model.resize({ a: [2, 3] }), 'invalid-option')).toBe(text);
    expect(model.memoryBytes).toBe(0);
  });
});

describe('results whose sizes depend on data', () => {
  const positive = `graph main(%x: f32[4]) {
  @zero = const f32[] [0]
  %m = GREATER(%x, @zero) : bool[4]
  %w = WHERE(%m) : i64[?,1]
  %g = GATHER_ND(%x, %w) : f32[?]
  %y = NEG(%g) : f32[?]
  return %y, %w, %m
}`;

  it('have another size in every run, none too', async () => {
    const model = await open(positive);
    const run = (...x: number[]) => model.run([Float32Array.from(x)]);
    expect(run(1, -1, 2, 3).y).toMatchObject({ shape: [3], data: Float32Array.of(-1, -2, -3) });
    expect(run(-1, -1, 5, -1)).toMatchObject({ y: { shape: [1] }, w: { data: BigInt64Array.of(2n) } });
    expect(run(-1, -1, -1, -1).y).toMatchObject({ shape: [0] });
    expect(run(1, -1, 2, 3).y).toMatchObject({ shape: [3], data: Float32Array.of(-1, -2, -3) });
    expect(model.profile([ones(4)], { runs: 2 }).map((p) => p.op)).toContain('NEG');
  });
});

it('a result that data makes larger than memory is refused before it is computed', async () => {
  const text = `graph main(%limit: i32[], %dims: i32[2]) {
  @zero = const i32[] [0]
  @one = const i32[] [1]
  %r = RANGE(@zero, %limit, @one) : i32[?]
  %f = FILL(%dims, @one) : i32[?,?]
  return %r, %f
}`;
  const [small, square] = [Int32Array.of(3), Int32Array.of(2, 2)];
  const free = await open(text);
  expect(free.run([small, square]).r?.data).toEqual(Int32Array.of(0, 1, 2));
  expect(refused(() => free.run([Int32Array.of(2e9), square]), 'unsupported')).toContain("RANGE 'r': expected");
  expect(refused(() => free.run([small, Int32Array.of(1e5, 1e5)]), 'unsupported')).toContain("FILL 'f': expected");
  const tight = await open(text, { memoryLimit: 1 << 20 });
  expect(refused(() => tight.run([Int32Array.of(1e6), square]), 'unsupported')).toContain('at most 1048576 bytes');
});

/** The condition of a loop whose first value counts its rounds. */
const FIVE_ROUNDS = `graph condition(%i: i32[], %x: f32[3]) {
  @n = const i32[] [5]
  %go = LESS(%i, @n) : bool[]
  return %go
}`;

describe('graphs that call graphs', () => {
  const forever = `graph main(%x: i32[]) {
  %y = WHILE(%x) {condSubgraphIndex: 1, bodySubgraphIndex: 2} : i32[]
  return %y
}

graph condition(%x: i32[]) {
  @zero = const i32[] [0]
  %go = LESS(%x, @zero) : bool[]
  return %go
}

graph body(%x: i32[]) {
  %y = ABS(%x) : i32[]
  %z = NEG(%y) : i32[]
  return %z
}`;

  it('a loop that does not end gives up after the time it has', async () => {
    const model = await open(forever, { timeLimit: 50 });
    expect(refused(() => model.run([Int32Array.of(-1)]), 'invalid-data')).toContain('expected a run of at most 50 ms');
    expect(model.run([Int32Array.of(1)]).y?.data).toEqual(Int32Array.of(1));
  });

  it('a graph that calls itself is refused', async () => {
    const model = await open(
      `graph main(%x: f32[1]) {
  %y = IF(%c, %x) {thenSubgraphIndex: 0, elseSubgraphIndex: 0} : f32[1]
  return %y
}`
        .replace('main(', 'main(%c: bool[], ')
        .replace('(%c, %x)', '(%c, %c, %x)'),
    );
    expect(refused(() => model.run([Uint8Array.of(1), ones(1)]), 'invalid-graph')).toContain(
      "graph 'main' calls itself",
    );
  });

  it('an index that is out of range is an error within a loop too', async () => {
    const model = await open(`graph main(%i: i32[], %x: f32[3]) {
  %n, %y = WHILE(%i, %x) {condSubgraphIndex: 1, bodySubgraphIndex: 2} : i32[], f32[3]
  return %y
}

${FIVE_ROUNDS}

graph body(%i: i32[], %x: f32[3]) {
  @one = const i32[] [1]
  %j = ADD(%i, @one) : i32[]
  %g = GATHER(%x, %i) : f32[]
  %z = MUL(%x, %g) : f32[3]
  return %j, %z
}`);
    expect(refused(() => model.run([Int32Array.of(0), ones(3)]), 'invalid-data')).toContain('index 4 is out of range');
  });

  it('a profile has the nodes of loops, as often as they run, behind those of the main graph', async () => {
    const model = await open(`graph main(%i: i32[], %x: f32[3]) {
  %n, %y = WHILE(%i, %x) {condSubgraphIndex: 1, bodySubgraphIndex: 2} : i32[], f32[3]
  %z = NEG(%y) : f32[3]
  return %z
}

${FIVE_ROUNDS}

graph body(%i: i32[], %x: f32[3]) {
  @one = const i32[] [1]
  %j = ADD(%i, @one) : i32[]
  @w = const f32[3,3] splat 0.5
  %r = FULLY_CONNECTED(%x, @w) : f32[1,3]
  @s = const i32[1] [3]
  %v = RESHAPE(%r, @s) : f32[3]
  return %j, %v
}`);
    const rows = model.profile([Int32Array.of(0), ones(3)], { runs: 2 });
    expect(rows.map(({ op, name, graph, times, macs }) => [op, name, graph, times, macs])).toEqual([
      ['WHILE', 'n', undefined, undefined, 0],
      ['NEG', 'z', undefined, undefined, 0],
      ['LESS', 'go', 'condition', 6, 0],
      ['ADD', 'j', 'body', 5, 0],
      ['FULLY_CONNECTED', 'r', 'body', 5, 45],
      ['RESHAPE', 'v', 'body', 5, 0],
    ]);
    expect(rows[0]?.kernel).toBe('graphs');
    expect(model.run([Int32Array.of(0), ones(3)]).z?.data[0]).toBeCloseTo(-7.59375);
  });
});

it('text goes in and comes out as bytes, one array for each', async () => {
  const model = await fixture('strings');
  const [word] = model.signatures[0]!.inputs;
  expect(word).toMatchObject({ name: 'word', dtype: 'string' });
  const words = ['blue', 'red', '?'].map((w) => new TextEncoder().encode(w));
  expect(model.run({ word: words }).index?.data).toHaveLength(3);
  expect(refused(() => model.run({ word: ones(3) }), 'invalid-data')).toBe(
    "input 'word': expected elements of type string, got Float32Array.",
  );
  expect(refused(() => model.run({ word: words.slice(1) }), 'invalid-data')).toBe(
    "input 'word': [3] has 3 elements, got 2.",
  );
  const echo = await open('graph main(%x: string[2]) {\n  return %x\n}');
  expect(echo.run([words.slice(1)]).x).toMatchObject({ dtype: 'string', shape: [2], data: words.slice(1) });
});

it('a variable that nothing has set says so', async () => {
  const model = await open(`graph main() {
  %h = VAR_HANDLE() {container: "", sharedName: "kernel"} : resource[]
  %y = READ_VARIABLE(%h) : f32[2]
  return %y
}`);
  expect(refused(() => model.run([]), 'invalid-data')).toContain(
    "READ_VARIABLE 'y': expected variable 'kernel' to hold a value, got none. Run the signature that sets it first",
  );
});
