import { basename, dirname } from 'node:path';
import { bytesSource } from '../bytes/source.js';
import { withGivenShapes } from '../data/given-shapes.js';
import { randomInputs } from '../data/random-tensor.js';
import { type ComparedModel, compareModels } from '../evaluate/compare/compare.js';
import type { Comparison } from '../evaluate/compare/types.js';
import { joinParts } from '../evaluate/evaluate.js';
import { readTflite } from '../formats/tflite/index.js';
import type { Model } from '../ir/graph.js';
import type { Shape, Tensor } from '../ir/tensor.js';
import { readText } from '../node/files.js';
import { runnable } from '../node/runtime.js';
import type { Decision } from '../quantize/report.js';
import { readAccuracy } from '../report/accuracy.js';
import { graphData } from '../report/graph-data.js';
import { inspect } from '../report/inspect.js';
import { reportKernels } from '../report/kernels.js';
import type { AccuracyFigure, SubjectData, VariantData } from '../report/report-data.js';
import { distribution, pairedRatio } from '../report/statistics.js';
import { timeInterleaved } from '../report/time-interleaved.js';
import { dataOf } from './data-of.js';
import { openJob } from './evaluate-part.js';
import { givenSamples } from './given-samples.js';
import { bytesOf, modelFile } from './model-file.js';
import { counting } from './progress.js';
import { quantizedForm, techniquesOf } from './quantized-form.js';

/** What a report shall hold. */
export interface ReportRequest {
  readonly quantize: string;
  readonly input?: string[];
  readonly inputShape?: Record<string, Shape>;
  readonly normalize?: string;
  readonly samples: number;
  readonly seed: number;
  readonly runs: number;
  readonly warmupMs: number;
  readonly evaluation?: string[];
  readonly data?: string;
  readonly labels?: string;
  readonly task: string;
  readonly labelOffset: number;
  readonly json?: boolean;
}

/** A form of a model before anything is measured. */
interface Form {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly decisions: readonly Decision[];
}

interface Subject {
  readonly name: string;
  readonly format: string;
  readonly forms: readonly Form[];
}

/** Elements of each output that a report keeps: an image of 256 by 256. */
const KEPT_ELEMENTS = 65_536;

/** Reads the models, makes their forms, and measures all of them. */
export async function reportSubjects(paths: readonly string[], request: ReportRequest): Promise<SubjectData[]> {
  const subjects = await readSubjects(paths, request);
  return counting('measuring', subjects.length, request.json ?? false, async (show) => {
    const out: SubjectData[] = [];
    for (const subject of subjects) {
      out.push(await measured(subject, request));
      show(out.length);
    }
    return out;
  });
}

async function readSubjects(paths: readonly string[], request: ReportRequest): Promise<Subject[]> {
  const subjects: (Omit<Subject, 'forms'> & { forms: Form[]; hasOwn: boolean })[] = [];
  for (const path of paths) {
    const file = await modelFile(path, request, request.json ?? false);
    const bytes = bytesOf(file);
    const last = subjects.at(-1);
    if (last && file.format === 'tflite' && isReduced(readTflite(bytesSource(bytes, path)))) {
      last.forms.push({ name: basename(path, '.tflite'), bytes, decisions: [] });
      last.hasOwn = true;
      continue;
    }
    const forms = [{ name: 'float', bytes, decisions: [] }];
    subjects.push({ name: subjectName(path), format: file.format, forms, hasOwn: false });
  }
  for (const subject of subjects) if (!subject.hasOwn) subject.forms.push(...(await madeForms(subject, request)));
  return subjects;
}

/** Weights of fewer bits: a form of another model rather than one of its own. */
const isReduced = ({ graphs }: Model): boolean =>
  graphs.some((g) =>
    [...g.nodes()].some((n) => n.inputs.some((v) => v?.constant && /^(f16|i8|u8|i4|i2)$/.test(v.dtype))),
  );

/** `saved_model` and the like say nothing: then the folder they lie in does. */
function subjectName(path: string): string {
  const name = basename(path).replace(/\.(tflite|keras|h5|pb|json)$/, '');
  return /^(saved_model|savedmodel|model|frozen|tfjs)$/i.test(name) ? basename(dirname(path)) || name : name;
}

async function madeForms({ forms }: { readonly forms: readonly Form[] }, { quantize }: ReportRequest): Promise<Form[]> {
  const made: Form[] = [];
  for (const technique of techniquesOf(quantize)) {
    if (technique === 'none') continue;
    const { name, bytes, report } = await quantizedForm((forms[0] as Form).bytes, technique);
    made.push({ name, bytes, decisions: report.decisions });
  }
  return made;
}

async function measured({ name, format, forms }: Subject, request: ReportRequest): Promise<SubjectData> {
  const models = forms.map((form) => readTflite(bytesSource(form.bytes)));
  const data = await givenSamples((forms[0] as Form).bytes, request);
  const shapes = format === 'tflite' ? request.inputShape : undefined;
  const comparisons: Comparison[] = [];
  const compared = (form: Form): ComparedModel => ({ name: `${name}, ${form.name}`, bytes: form.bytes });
  for (const form of forms.slice(1))
    comparisons.push(
      await compareModels(compared(forms[0] as Form), compared(form), runnable, {
        ...data,
        inputShapes: shapes,
        samples: request.samples,
        seed: request.seed,
        sampleElements: KEPT_ELEMENTS,
      }),
    );
  const times = await timesOf(models, data.inputs?.[0], shapes, request);
  const accuracy = accuracyOf(request);
  const evaluated = await evaluatedForms(forms, request);
  const variants = forms.map((form, i): VariantData => {
    const own = times?.[i];
    const { litert, warnings } = reportKernels(models[i] as Model);
    return {
      name: form.name,
      bytes: form.bytes.byteLength,
      latencyMs: own ? distribution(own) : null,
      ratio: own && i > 0 ? pairedRatio(own, times?.[0] as number[]) : null,
      accuracy: evaluated?.[i] ?? accuracy(name, form.name),
      weightBytes: inspect(models[i] as Model).weightBytes,
      litert,
      warnings,
      decisions: form.decisions,
      comparison: i > 0 ? (comparisons[i - 1] as Comparison) : null,
    };
  });
  return { name, format, variants, graph: graphData(models.at(-1) as Model) };
}

/** Times of all forms, measured in turns; undefined when none are wanted. */
async function timesOf(
  models: readonly Model[],
  given: Readonly<Record<string, Tensor>> | undefined,
  shapes: Readonly<Record<string, Shape>> | undefined,
  { runs, warmupMs, seed }: ReportRequest,
): Promise<number[][] | undefined> {
  if (runs === 0) return undefined;
  const running = models.map((model) => runnable(model));
  const entrants = running.map((model) => {
    const inputs = given ?? randomInputs(withGivenShapes(model.signatures[0]?.inputs ?? [], shapes), seed);
    return { run: () => model.run(inputs) };
  });
  const times = await timeInterleaved(entrants, { runs, warmupMs });
  for (const model of running) model.dispose();
  return times;
}

/** The accuracy of each form on the data of `--data`. */
async function evaluatedForms(forms: readonly Form[], request: ReportRequest): Promise<AccuracyFigure[] | undefined> {
  const { data: path, labels, task, labelOffset } = request;
  if (path === undefined) return undefined;
  const job = await openJob({
    ...dataOf({ data: path, ...(labels !== undefined && { labels }) }),
    models: forms.map(({ name, bytes }) => ({ name, bytes })),
    numerics: 'fast',
    task,
    options: { labelOffset },
    skipBad: false,
  });
  const part = await job.measure(0, job.dataset.size);
  const sizes = forms.map(({ name, bytes }) => ({ name, bytes: bytes.byteLength }));
  return joinParts(task, sizes, job.metric, [part]).models.map(({ metric, value, low, high, samples }) => ({
    metric,
    value,
    low,
    high,
    samples,
  }));
}

/** The accuracy of each form, by the files of `--evaluation`. */
function accuracyOf({ evaluation = [] }: ReportRequest) {
  const found = evaluation.map((path) => readAccuracy(readText(path), path));
  return (subject: string, form: string) =>
    found.map((f) => f(subject, form)).find((figure) => figure !== null) ?? null;
}
