/**
 * `npm run bench:kernels [-- FILTER]`: the kernels that matter, as models of one operator: billions of operations in a
 * second, the share of the roofline, and how long LiteRT takes for the same model. The roofline is what loops in registers
 * compute, or loops of loads read, in the same process; the slower of both is the bound of a kernel.
 * Times are the shortest of all rounds, which leaves out what else the machine does; all candidates run in turns. FILTER
 * is a part of the names, such as `conv`. ROUNDS=60 measures longer.
 */

import { seededData } from '../src/ir/seeded.js';
import { elementCount } from '../src/ir/tensor.js';
import { prepareLitert } from '../src/node/peers/litert-peer.js';
import { load } from '../src/node/runtime.js';
import type { NodeProfile, RunnableModel } from '../src/runtime/api.js';
import { Roofline, type RooflineShare } from '../src/runtime/roofline.js';
import { detectFeatures } from '../src/wasm/features.js';
import { modelBytes } from '../test/oracle/model-bytes.js';

const ROUNDS = Number(process.env.ROUNDS ?? 30);
/** Milliseconds for which a candidate runs before it is measured. */
const WARM_UP = 150;

/** A model of one operator. The name tells the shape: `gemm_f32 M=1 N=1024 K=1024`. */
interface Case {
  readonly name: string;
  readonly graph: string;
  /** The float case that a hybrid one is compared with. */
  readonly float?: string;
  /** It computes exponentials: neither products nor memory bound it. */
  readonly isFunction?: boolean;
}

const products: readonly (readonly [m: number, k: number, n: number])[] = [
  [1, 1024, 1024],
  [1, 1024, 4096],
  [196, 512, 512],
  [784, 128, 256],
  [3136, 64, 128],
  [128, 768, 3072],
];
const convolutions = [
  { h: 56, c: 64, k: 3 },
  { h: 56, c: 128, k: 1 },
];
const depthwises = [
  { h: 112, c: 64 },
  { h: 56, c: 128 },
];

const weights = (isHybrid: boolean, shape: string, channels: number, axis: number) =>
  isHybrid ? `i8[${shape}] q(${channels} scales, axis ${axis})` : `f32[${shape}]`;

function product(input: string, filter: string, bias: number, axis: number, node: string, isHybrid: boolean): string {
  return `graph main(%x: f32[${input}]) {
  @w = const ${weights(isHybrid, filter, bias, axis)}
  @b = const f32[${bias}]
  %y = ${node}
  return %y
}`;
}

/** A float case and its hybrid twin. */
function both(name: string, graph: (isHybrid: boolean) => string): Case[] {
  const float = name.replace('_', '_f32');
  return [
    { name: float, graph: graph(false) },
    { name: name.replace('_', '_hybrid'), graph: graph(true), float },
  ];
}

const moving = (name: string, node: string, shape: string, extra: Partial<Case> = {}): Case => ({
  name,
  graph: `graph main(%x: f32[${shape}]${node.includes('%z') ? `, %z: f32[${shape}]` : ''}) {\n  %y = ${node} : f32[${shape}]\n  return %y\n}`,
  ...extra,
});
const isFunction = true;

const IMAGE = '1,56,56,64';
const cases: readonly Case[] = [
  ...products.flatMap(([m, k, n]) =>
    both(`gemm_ M=${m} N=${n} K=${k}`, (isHybrid) => {
      const options = isHybrid ? '{asymmetricQuantizeInputs: true}' : '';
      return product(
        `${m},${k}`,
        `${n},${k}`,
        n,
        0,
        `FULLY_CONNECTED(%x, @w, @b) ${options} : f32[${m},${n}]`,
        isHybrid,
      );
    }),
  ),
  ...convolutions.flatMap(({ h, c, k }) =>
    both(`conv_ H=${h} W=${h} C=${c} K=${k}`, (isHybrid) => {
      const image = `1,${h},${h},${c}`;
      const node = `CONV_2D(%x, @w, @b) {padding: SAME} : f32[${image}]`;
      return product(image, `${c},${k},${k},${c}`, c, 0, node, isHybrid);
    }),
  ),
  ...depthwises.flatMap(({ h, c }) =>
    both(`depthwise_ H=${h} W=${h} C=${c} K=3`, (isHybrid) => {
      const image = `1,${h},${h},${c}`;
      const node = `DEPTHWISE_CONV_2D(%x, @w, @b) {padding: SAME, depthMultiplier: 1} : f32[${image}]`;
      return product(image, `1,3,3,${c}`, c, 3, node, isHybrid);
    }),
  ),
  moving('softmax_f32 M=196 N=196', 'SOFTMAX(%x) {beta: 1}', '196,196', { isFunction }),
  moving('logistic_f32 N=200704', 'LOGISTIC(%x)', IMAGE, { isFunction }),
  moving('tanh_f32 N=200704', 'TANH(%x)', IMAGE, { isFunction }),
  moving('hardswish_f32 N=200704', 'HARD_SWISH(%x)', IMAGE),
  moving('add_f32 N=200704', 'ADD(%x, %z)', IMAGE),
  {
    name: 'mean_f32 H=56 W=56 C=64',
    graph: `graph main(%x: f32[${IMAGE}]) {
  @axes = const i32[2] [1, 2]
  %y = MEAN(%x, @axes) : f32[1,64]
  return %y
}`,
  },
];

/** A case with its candidates and the shortest time of each, in ms. */
interface Entry {
  readonly one: Case;
  readonly model: RunnableModel;
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly theirs: { run(): Promise<unknown> } | undefined;
  /** The kernel alone, the whole run, and LiteRT's whole run. */
  kernelMs: number;
  runMs: number;
  liteRtMs: number;
}

async function open(one: Case, liteRt: Awaited<ReturnType<typeof prepareLitert>>): Promise<Entry> {
  const bytes = modelBytes(one.graph);
  const model = await load(bytes);
  const facts = model.signatures[0]?.inputs ?? [];
  const inputs = Object.fromEntries(
    facts.map(({ name, shape }) => [name, seededData('f32', elementCount(shape), name) as Float32Array]),
  );
  const shaped = Object.fromEntries(facts.map(({ name, shape }) => [name, { data: inputs[name]!, shape }]));
  const compiled = await liteRt.load(bytes, 'xnnpack');
  const theirs = compiled.prepare(shaped);
  return { one, model, inputs, theirs, kernelMs: Infinity, runMs: Infinity, liteRtMs: Infinity };
}

async function timed(run: () => unknown): Promise<number> {
  const start = performance.now();
  const result = run();
  if (result instanceof Promise) await result;
  return performance.now() - start;
}

async function warmUp(run: () => unknown): Promise<void> {
  const end = performance.now() + WARM_UP;
  while (performance.now() < end) await timed(run);
}

const filter = process.argv[2] ?? '';
const chosen = cases.filter(({ name, float }) => name.includes(filter) || float?.includes(filter));
const liteRt = await prepareLitert(1);
const features = detectFeatures();
const entries: Entry[] = [];
for (const one of chosen) entries.push(await open(one, liteRt));
const roofline = new Roofline(features);

await warmUp(() => roofline.measure());
for (const { model, inputs, theirs } of entries) {
  await warmUp(() => model.run(inputs));
  if (theirs) await warmUp(() => theirs.run());
}
for (let round = 0; round < ROUNDS; round++) {
  roofline.measure();
  for (const entry of entries) {
    const { model, inputs, theirs } = entry;
    entry.runMs = Math.min(entry.runMs, await timed(() => model.run(inputs)));
    const [step] = model.profile(inputs, { runs: 1 });
    entry.kernelMs = Math.min(entry.kernelMs, step?.ms ?? Infinity);
    if (theirs) entry.liteRtMs = Math.min(entry.liteRtMs, await timed(() => theirs.run()));
  }
}

const rows = entries.map(({ one, model, inputs, kernelMs, runMs, liteRtMs }) => {
  const [step] = model.profile(inputs, { runs: 1 }) as [NodeProfile];
  const { bound, share } = roofline.shareOf({ ...step, ms: kernelMs }) as RooflineShare;
  const twin = entries.find((e) => e.one.name === one.float);
  return {
    case: one.name,
    kernel: step.kernel,
    ms: kernelMs.toPrecision(3),
    'GOP/s': step.macs > 0 ? ((2 * step.macs) / kernelMs / 1e6).toFixed(1) : '',
    'GB/s': (step.bytes / kernelMs / 1e6).toFixed(1),
    bound: one.isFunction ? 'function' : bound,
    'of roofline': one.isFunction ? '' : `${Math.round(100 * share)} %`,
    'LiteRT/ours': (liteRtMs / runMs).toFixed(2),
    'float/hybrid': twin ? (twin.runMs / runMs).toFixed(2) : '',
  };
});
console.log(
  `Node ${process.version}, one thread, relaxed SIMD ${features.relaxed ? 'on' : 'off'}, LiteRT ${liteRt.version}`,
);
const reads = [...roofline.bandwidths].map(([bytes, rate]) => `${bytes >> 10} KB ${rate.toFixed(0)}`);
console.log(`reading, GB/s: ${reads.join(', ')}`);
console.log(`rooflines, GOP/s: ${[...roofline.gops].map(([roof, gops]) => `${roof} ${gops.toFixed(1)}`).join(', ')}`);
console.log(
  'GOP/s and GB/s: the kernel alone; ratios: whole runs with inputs and outputs copied, above 1 is ours or hybrid',
);
console.table(rows);
