import { arch, platform } from 'node:os';
import { randomTensor } from '../data/random-tensor.js';
import type { Shape, Tensor } from '../ir/tensor.js';
import { type Peer, type PeerRequest, peers } from '../node/peers/index.js';
import { type BenchmarkReport, benchmarkResults, type Contender, type ProfiledNode } from '../report/benchmark.js';
import { type Entrant, timeInterleaved, timeOnce } from '../report/time-interleaved.js';
import type { NodeProfile } from '../runtime/api.js';
import { Roofline } from '../runtime/roofline.js';
import { detectFeatures } from '../wasm/features.js';
import { type LoadedModel, loadModel } from './load-model.js';
import type { LoadFlags } from './load-options.js';
import { resizeTo } from './model-inputs.js';
import { counting } from './progress.js';
import { benchmarkText } from './show-benchmark.js';
import { UsageError } from './usage.js';

/** What commander makes of the flags of `benchmark`. */
export interface BenchmarkFlags extends LoadFlags {
  readonly runs: number;
  readonly warmupMs: number;
  readonly seed: number;
  readonly batch?: number;
  readonly profile?: boolean;
  readonly against?: string[];
  readonly peerModel?: string[];
  readonly json?: boolean;
}

/** A contender while it runs. */
interface Running extends Entrant {
  readonly facts: Contender;
  dispose(): void;
}

/** Runs of a profile: fewer than of the benchmark, since every node is timed. */
const PROFILE_RUNS = 10;
/** Enough for engines to compile the loops, and for a quiet moment among them. */
const ROOFLINE_ROUNDS = 25;

const peakMemory = (): number => process.resourceUsage().maxRSS * 1024;

/** Times models, and other runtimes on the first of them, and prints what was found. */
export async function runBenchmark(paths: readonly string[], flags: BenchmarkFlags): Promise<void> {
  const baseBytes = peakMemory();
  const names = peerNames(flags);
  const running: Running[] = [];
  try {
    for (const name of names) await peers[name]?.prepare?.(flags.threads ?? 1);
    for (const [i, path] of paths.entries()) {
      const loaded = await loadModel(path, flags, flags.json ?? false);
      const inputs = randomInputs(loaded, flags);
      running.push(await ours(loaded, inputs, flags));
      if (i > 0) continue;
      const request = names.length > 0 ? peerRequest(loaded, inputs, flags) : undefined;
      if (request) for (const name of names) running.push(await theirs(name, request, flags));
    }
    const times = await counting('measuring', flags.runs, flags.json ?? false, (onRound) =>
      timeInterleaved(running, { ...flags, onRound }),
    );
    const report: BenchmarkReport = {
      node: process.version,
      platform: `${platform()} ${arch()}`,
      threads: flags.threads ?? 1,
      numerics: flags.numerics ?? 'fast',
      seed: flags.seed,
      peakBytes: peakMemory(),
      baseBytes,
      results: benchmarkResults(
        running.map((r) => r.facts),
        times,
      ),
    };
    process.stdout.write(flags.json ? `${JSON.stringify(report, null, 1)}\n` : `${benchmarkText(report).join('\n')}\n`);
  } finally {
    for (const { dispose } of running) dispose();
  }
}

/** The runtimes of `--against`, in the order given; `litert,ort` and repeated flags are the same. */
function peerNames({ against = [], peerModel = [] }: BenchmarkFlags): string[] {
  const names = against.flatMap((list) => list.split(',')).map((name) => name.trim());
  for (const name of names) {
    if (!Object.hasOwn(peers, name))
      throw new UsageError(`--against ${name}: one of ${Object.keys(peers).join(', ')} expected.`);
    const ending = peers[name]?.modelFile;
    if (ending && !peerModel.some((file) => ending.test(file)))
      throw new UsageError(`--against ${name}: it cannot read .tflite. Give its own model with --peer-model FILE.`);
  }
  return names;
}

/** Random tensors for the signature. With `--batch`, a first axis that is open or 1 has that size. */
function randomInputs({ model, signature }: LoadedModel, { batch, seed }: BenchmarkFlags): Record<string, Tensor> {
  const shapeOf = (shape: Shape): Shape =>
    batch !== undefined && shape.length > 0 && (shape[0] as number) <= 1 ? [batch, ...shape.slice(1)] : shape;
  const inputs = signature.inputs.map((f) => [f.name, randomTensor({ ...f, shape: shapeOf(f.shape) }, seed)] as const);
  const tensors = Object.fromEntries(inputs);
  if (batch === undefined) resizeTo(model, signature, tensors);
  else if (inputs.length > 0)
    model.resize(Object.fromEntries(inputs.map(([name, { shape }]) => [name, shape])), signature.key);
  return tensors;
}

async function ours(
  { path, model, signature, loadMs }: LoadedModel,
  inputs: Readonly<Record<string, Tensor>>,
  flags: BenchmarkFlags,
): Promise<Running> {
  const options = { signature: signature.key };
  const run = () => model.run(inputs, options);
  const firstMs = await timeOnce({ run });
  const profile = flags.profile
    ? profiled(model.profile(inputs, { ...options, runs: PROFILE_RUNS }), flags)
    : undefined;
  const facts = { name: path, runtime: 'tersor', loadMs, firstMs, ...(profile && { profile }) };
  return { facts, run, dispose: () => model.dispose() };
}

/** The nodes beside what the machine can do, which is measured for one thread. */
function profiled(profile: readonly NodeProfile[], { threads = 1 }: BenchmarkFlags): ProfiledNode[] {
  if (threads > 1) return [...profile];
  const roofline = new Roofline(detectFeatures());
  for (let round = 0; round < ROOFLINE_ROUNDS; round++) roofline.measure();
  return profile.map((node) => {
    const share = roofline.shareOf(node);
    return { ...node, ...(share && { roofline: share }) };
  });
}

function peerRequest(
  { bytes, model, signature }: LoadedModel,
  inputs: Readonly<Record<string, Tensor>>,
  { threads = 1, seed }: BenchmarkFlags,
): PeerRequest {
  model.reset();
  const outputs = model.run(inputs, { signature: signature.key });
  return { bytes, signature: signature.key, inputs, outputs, threads, seed };
}

async function theirs(name: string, request: PeerRequest, { peerModel = [] }: BenchmarkFlags): Promise<Running> {
  const kind = peers[name] as (typeof peers)[string];
  const modelFile = peerModel.find((file) => kind.modelFile?.test(file));
  const peer: Peer = await kind.open({ ...request, ...(modelFile !== undefined && { modelFile }) });
  const firstMs = await timeOnce(peer);
  const largestDifference = peer.largestDifference?.();
  const facts = {
    name: peer.label,
    runtime: name,
    loadMs: peer.loadMs,
    firstMs,
    ...(largestDifference !== undefined && { largestDifference }),
  };
  return { facts, run: peer.run, dispose: peer.dispose };
}
