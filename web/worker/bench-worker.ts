import { expose } from 'comlink';
import { bytesSource } from '../../src/bytes/source.js';
import { randomInputs } from '../../src/data/random-tensor.js';
import { compareModels } from '../../src/evaluate/compare/compare.js';
import { ErrorSum } from '../../src/evaluate/compare/tensor-error.js';
import type { LayerDifference } from '../../src/evaluate/compare/types.js';
import type { Evaluation } from '../../src/evaluate/evaluate.js';
import { numbersOf } from '../../src/evaluate/numbers.js';
import { readTflite } from '../../src/formats/tflite/index.js';
import { runnable } from '../../src/load.js';
import { graphData } from '../../src/report/graph-data.js';
import { median, pairedRatio } from '../../src/report/statistics.js';
import { timeInterleaved } from '../../src/report/time-interleaved.js';
import { kernelClass } from '../../src/view/kernel-class.js';
import type { AccuracyRequest, DrawnGraph, Given, Latency, ReportRequest, TriedOutput, Working } from '../protocol.js';
import { guarded } from './failure.js';
import { givenTensors } from './given-tensor.js';
import { type Loaded, loaded, outputsOf } from './loaded-model.js';

type Tell = (working: Working) => void;

/** Most runs of each model that are timed, and the time after which no further ones are planned, in ms. */
const MOST_RUNS = 60;
const TIME_TO_SPEND = 3000;

/** Times both models in turns on random data. */
async function latency(float: Blob, quantized: Blob, tell: Tell): Promise<Latency> {
  const pair = await Promise.all([loaded(float), loaded(quantized)]);
  try {
    const entrants = pair.map(({ model, signature }) => {
      const inputs = randomInputs(signature.inputs, 1);
      const options = { signature: signature.key, views: true };
      return { run: () => model.run(inputs, options) };
    });
    const start = performance.now();
    for (const entrant of entrants) entrant.run();
    const each = Math.max(performance.now() - start, 0.01) / 2;
    const runs = Math.max(5, Math.min(MOST_RUNS, Math.floor(TIME_TO_SPEND / (2 * each))));
    const onRound = (done: number) => tell({ step: 'run', done, total: runs });
    const times = await timeInterleaved(entrants, { runs, warmupMs: Math.min(300, each * 10), onRound });
    const [floats = [], others = []] = times;
    return {
      floatMs: median(floats),
      quantizedMs: median(others),
      ratio: pairedRatio(floats, others),
      runs,
      times: { float: floats, quantized: others },
    };
  } finally {
    for (const { model } of pair) model.dispose();
  }
}

/** Where the error enters: every tensor inside, against the same one of the model in float. */
async function layers(float: Blob, quantized: Blob, tell: Tell): Promise<readonly LayerDifference[]> {
  const [a, b] = await Promise.all([float, quantized].map(async (blob) => new Uint8Array(await blob.arrayBuffer())));
  const comparison = await compareModels(
    { name: 'float', bytes: a as Uint8Array },
    { name: 'quantized', bytes: b as Uint8Array },
    runnable,
    { samples: 2, onProgress: (done, total) => tell({ step: 'run', done, total }) },
  );
  return comparison.layers.map((layer) => ({ ...layer, histogram: null }));
}

/** The two models that were tried last; trying another input does not load them again. */
let tried: { readonly blobs: readonly [Blob, Blob]; readonly pair: readonly [Loaded, Loaded] } | undefined;

/** What both models make of the same inputs, by the names of the inputs; what is not given is random. */
async function tryOut(
  float: Blob,
  quantized: Blob,
  given: Readonly<Record<string, Given>>,
): Promise<readonly TriedOutput[]> {
  if (tried?.blobs[0] !== float || tried.blobs[1] !== quantized) {
    for (const { model } of tried?.pair ?? []) model.dispose();
    tried = { blobs: [float, quantized], pair: [await loaded(float), await loaded(quantized)] };
  }
  const [a, b] = tried.pair;
  const inputs = await givenTensors(a.signature.inputs, given);
  const outputs = outputsOf(b, inputs);
  return Object.entries(outputsOf(a, inputs)).flatMap(([name, tensor]): TriedOutput[] => {
    const other = outputs[name];
    if (!other || tensor.dtype === 'string') return [];
    const [x, y] = [numbersOf(tensor), numbersOf(other)];
    const error = new ErrorSum();
    error.add(x, y);
    const { sqnrDb } = error.result();
    return [{ name, dtype: tensor.dtype, shape: tensor.shape, float: x, quantized: y, sqnrDb }];
  });
}

/** The main graph of a model. The layout is loaded when somebody looks. */
async function drawGraph(file: Blob): Promise<DrawnGraph> {
  const { graphSvg } = await import('../../src/view/graph-svg.js');
  const data = graphData(readTflite(bytesSource(new Uint8Array(await file.arrayBuffer()))));
  return { svg: graphSvg(data), nodes: data.nodes, classes: [...new Set(data.nodes.map(kernelClass))] };
}

/** A report of both models as one HTML file. What draws it is loaded when somebody wants one. */
async function report(request: ReportRequest, tell: Tell): Promise<Blob> {
  const { makeReport } = await import('./make-report.js');
  return makeReport(request, (done, total) => tell({ step: 'run', done, total }));
}

/** How often both models are right. What reads labelled data is loaded when somebody has some. */
async function accuracy(request: AccuracyRequest, tell: Tell): Promise<Evaluation> {
  const { measureAccuracy } = await import('./accuracy.js');
  return measureAccuracy(request, (done, total) => tell({ step: 'run', done, total }));
}

const bench = {
  accuracy: guarded(accuracy),
  latency: guarded(latency),
  layers: guarded(layers),
  tryOut: guarded(tryOut),
  drawGraph: guarded(drawGraph),
  report: guarded(report),
};
export type Bench = typeof bench;

expose(bench);
