/**
 * `npm run bench:runtime [-- MODEL… --runs 50 --csv FILE]`: whole models here and in LiteRT, at equal features, in turns in
 * one process. A model that is not `.tflite` is converted in memory, as floats, with float16 weights, and with 8-bit
 * weights; a `.tflite` is taken as it is and, if that changes it, with 8-bit weights. Without models: the bundled ones.
 */
import { parseArgs } from 'node:util';
import { randomInputs } from '../src/data/random-tensor.js';
import { convert, writeModel } from '../src/index.js';
import { openModel, writeFileAtomically } from '../src/node/files.js';
import { litertPeer, prepareLitert } from '../src/node/peers/litert-peer.js';
import type { Peer } from '../src/node/peers/peer.js';
import { load } from '../src/node/runtime.js';
import { median } from '../src/report/statistics.js';
import { timeInterleaved, timeOnce } from '../src/report/time-interleaved.js';

const WARM_UP = 500;
const SEED = 1;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '50' }, csv: { type: 'string' } },
});
const root = new URL('..', import.meta.url).pathname;
const bundled = ['mnist_cnn', 'mnist_ds_cnn'].map((name) => `${root}models/${name}/saved_model`);
const paths = positionals.length > 0 ? positionals : bundled;

/** One runtime with one model, and what it took. */
interface Contender {
  readonly model: string;
  readonly technique: string;
  readonly loadMs: number;
  readonly firstMs: number;
  run(): unknown;
  dispose(): void;
}

interface Pair {
  readonly ours: Contender;
  readonly theirs: Contender | undefined;
}

const nameOf = (path: string): string => {
  const parts = path.split('/').filter((part) => part && part !== 'saved_model');
  return (parts.at(-1) ?? path).replace(/\.tflite$/, '');
};

/** The techniques for a model -> its bytes. */
function variantsOf(path: string): ReadonlyMap<string, Uint8Array> {
  const input = openModel(path);
  const bytesOf = (quantize: string) => {
    const { model, quantization } = convert(input, { quantize });
    return { bytes: writeModel(model), isChanged: quantization.decisions.some((d) => d.code === 'quantized') };
  };
  const dynamic = bytesOf('dynamic');
  if (path.endsWith('.tflite') && !('open' in input)) {
    const own = input.read(0, input.size);
    return new Map([['as it is', own], ...(dynamic.isChanged ? [['dynamic', dynamic.bytes] as const] : [])]);
  }
  return new Map([
    ['float', bytesOf('none').bytes],
    ['float16', bytesOf('float16').bytes],
    ['dynamic', dynamic.bytes],
  ]);
}

async function open(model: string, technique: string, bytes: Uint8Array): Promise<Pair> {
  const start = performance.now();
  const runnable = await load(bytes);
  const loadMs = performance.now() - start;
  const [signature] = runnable.signatures;
  if (!signature) throw new Error(`${model} has no signature`);
  const inputs = randomInputs(signature.inputs, SEED);
  const run = () => runnable.run(inputs);
  const firstMs = await timeOnce({ run });
  const ours = { model, technique, loadMs, firstMs, run, dispose: () => runnable.dispose() };
  runnable.reset();
  const outputs = runnable.run(inputs);
  const request = { bytes: () => bytes, signature: signature.key, inputs, outputs, threads: 1, seed: SEED };
  let peer: Peer | undefined;
  try {
    peer = await litertPeer(request);
    const first = await timeOnce(peer);
    return {
      ours,
      theirs: { model, technique, loadMs: peer.loadMs, firstMs: first, run: peer.run, dispose: peer.dispose },
    };
  } catch (error) {
    console.error(`${model} ${technique}: ${(error as Error).message}`);
    return { ours, theirs: undefined };
  }
}

await prepareLitert(1);
const rows: Record<string, string>[] = [];
const ratios: number[] = [];
const dynamicRatios: number[] = [];
for (const path of paths) {
  const pairs: Pair[] = [];
  for (const [technique, bytes] of variantsOf(path)) pairs.push(await open(nameOf(path), technique, bytes));
  const contenders = pairs.flatMap(({ ours, theirs }) => (theirs ? [ours, theirs] : [ours]));
  const times = await timeInterleaved(contenders, { runs: Number(flags.runs), warmupMs: WARM_UP });
  const medianOf = (one: Contender) => median(times[contenders.indexOf(one)] ?? []);
  const [base] = pairs;
  for (const { ours, theirs } of pairs) {
    const ms = medianOf(ours);
    const ratio = theirs ? medianOf(theirs) / ms : undefined;
    if (ratio !== undefined) ratios.push(ratio);
    const faster = ours.technique === 'dynamic' && base ? medianOf(base.ours) / ms : undefined;
    if (faster !== undefined) dynamicRatios.push(faster);
    rows.push({
      model: ours.model,
      technique: ours.technique,
      'load ms': ours.loadMs.toFixed(1),
      'first ms': ours.firstMs.toPrecision(3),
      'median ms': ms.toPrecision(3),
      'LiteRT load ms': theirs?.loadMs.toFixed(1) ?? '',
      'LiteRT first ms': theirs?.firstMs.toPrecision(3) ?? '',
      'LiteRT median ms': theirs ? medianOf(theirs).toPrecision(3) : '',
      'LiteRT/ours': ratio?.toFixed(2) ?? '',
      'float/dynamic': faster?.toFixed(2) ?? '',
    });
  }
  for (const { dispose } of contenders) dispose();
}

const geometricMean = (values: readonly number[]): string =>
  values.length > 0 ? Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length).toFixed(2) : '-';

console.log(`Node ${process.version}, one thread; ratios above 1: ours, or 8-bit weights, are faster`);
console.table(rows);
console.log(
  `geometric means: LiteRT/ours ${geometricMean(ratios)}, float/dynamic here ${geometricMean(dynamicRatios)}`,
);
if (flags.csv !== undefined) {
  const head = Object.keys(rows[0] ?? {});
  const lines = [head, ...rows.map((row) => head.map((key) => row[key] ?? ''))].map((cells) => cells.join(','));
  writeFileAtomically(flags.csv, [new TextEncoder().encode(`${lines.join('\n')}\n`)]);
}
