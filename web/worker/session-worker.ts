import { expose } from 'comlink';
import { convert } from '../../src/convert/convert.js';
import { formats, prepare, writeModelParts } from '../../src/formats/index.js';
import type { ModelInput } from '../../src/formats/types.js';
import { copyModel } from '../../src/ir/copy.js';
import type { Model } from '../../src/ir/graph.js';
import { elementCount, isStatic } from '../../src/ir/tensor.js';
import { constantsOf } from '../../src/quantize/plan.js';
import { type QuantizedConstants, quantizeModel } from '../../src/quantize/quantize-model.js';
import type { Choice, OpenedModel, Optimized, PickedFile, Working } from '../protocol.js';
import { constantFacts } from './constant-facts.js';
import { guarded } from './failure.js';
import { type FloatRun, fidelity, runFloat } from './fidelity.js';
import { modelInput } from './model-input.js';
import { recipeOf } from './recipe-of.js';

type Tell = (working: Working) => void;

/** The model in float, and what is kept so that the next choice is quick. */
interface Opened {
  readonly model: Model;
  readonly made: QuantizedConstants;
  readonly float: FloatRun;
}
let opened: Opened | undefined;

/** Reads and converts what the user gave. @throws {Failure} */
async function open(files: readonly PickedFile[], tell: Tell): Promise<OpenedModel> {
  const start = performance.now();
  opened = undefined;
  tell({ step: 'read' });
  const input = await prepare(modelInput(files));
  const warnings: string[] = [];
  const { format, model } = convert(input, {
    onProgress: ({ step, done, total }) => step !== 'quantize' && tell({ step, done, total }),
    onWarning: (text) => warnings.push(text),
  });
  tell({ step: 'write' });
  const float = blobOf(model);
  const ms = performance.now() - start;
  tell({ step: 'run' });
  const run = await runFloat(float);
  opened = { model, made: new WeakMap(), float: run };
  const constants = new Set(model.graphs.flatMap(constantsOf).map(({ constant }) => constant));
  return {
    name: input.name,
    format: formats.find(({ name }) => name === format)?.title ?? format,
    inputBytes: sizeOf(input),
    float,
    nodes: model.graphs.reduce((n, graph) => n + [...graph.nodes()].length, 0),
    parameters: [...constants].reduce((n, c) => n + (c && isStatic(c.shape) ? elementCount(c.shape) : 0), 0),
    inputs: 'failure' in run ? [] : run.signature.inputs,
    constants: constantFacts(model),
    warnings,
    ms,
  };
}

/** Quantizes a copy of the open model; constants whose form was made before are taken from there. @throws {Failure} */
async function optimize(choice: Choice, tell: Tell): Promise<Optimized> {
  if (!opened) throw new Error('no model is open');
  const start = performance.now();
  const copy = copyModel(opened.model);
  const report = quantizeModel(copy, recipeOf(choice), {
    made: opened.made,
    onProgress: (done, total) => tell({ step: 'quantize', done, total }),
  });
  tell({ step: 'write' });
  const file = blobOf(copy);
  const ms = performance.now() - start;
  tell({ step: 'run' });
  return { choice, file, decisions: report.decisions, ...(await fidelity(opened.float, file)), ms };
}

const blobOf = (model: Model): Blob =>
  new Blob([...writeModelParts(model)] as BlobPart[], { type: 'application/octet-stream' });

const sizeOf = (input: ModelInput): number =>
  'open' in input ? input.list().reduce((n, path) => n + (input.open(path)?.size ?? 0), 0) : input.size;

const session = { open: guarded(open), optimize: guarded(optimize) };
export type Session = typeof session;

expose(session);
