import type { Evaluation } from '../src/evaluate/evaluate.js';
import type { SubjectData } from '../src/report/report-data.js';
import type { Golden } from './zoo-models.js';

/** A model of the zoo with everything that was measured. */
export interface ZooRow {
  readonly subject: SubjectData;
  readonly evaluation: Evaluation | undefined;
  readonly golden: Golden | undefined;
}

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)}`;

/** The text of docs/zoo.md. */
export function zooTable(rows: readonly ZooRow[], machine: string): string {
  return [
    '# The zoo',
    '',
    'Written by `npm run zoo`, which converts, quantizes, runs and evaluates every model anew. The bundled nets are always',
    'measured; the others, which are public and trained by others, where their files and labelled data are at hand.',
    '',
    `Latency: medians of 40 runs of all forms of a model in turns, ${machine}; the ratio is float divided by the form, so`,
    'above 1 is faster. Accuracy: the first figure of the task with its 95 % interval, on the samples that were at hand.',
    '"TFLite" is what the files of TensorFlow 2.21\'s own converter gave on the same machine kind.',
    '',
    '![Size of the model files](images/size.svg)',
    '![Latency of one inference](images/latency.svg)',
    '',
    row('model', 'form', 'kB', 'TFLite kB', 'ms', 'ratio', 'SQNR', 'accuracy', 'TFLite', 'samples'),
    row('---', '---', '---:', '---:', '---:', '---:', '---:', '---', '---', '---:'),
    ...rows.flatMap(tableRows),
    '',
    "Where TFLite's figure is for more samples than ours, they are in brackets.",
    '',
  ].join('\n');
}

function tableRows({ subject, evaluation, golden }: ZooRow): string[] {
  return subject.variants.map((variant, i) => {
    const result = evaluation?.models[i];
    const isShare = result?.figures[0]?.kind === 'share';
    const figure = (x: number) => (isShare ? (100 * x).toFixed(1) : x.toFixed(4));
    const theirs = golden?.forms[variant.name];
    const db = variant.comparison?.outputs[0]?.error.sqnrDb;
    const more = golden && result && golden.samples !== result.samples && isShare ? ` (${golden.samples})` : '';
    return row(
      i === 0 ? subject.name : '',
      variant.name,
      kilobytes(variant.bytes),
      theirs ? kilobytes(theirs.bytes) : '',
      variant.latencyMs?.median.toPrecision(3) ?? '',
      variant.ratio ? `${(1 / variant.ratio.ofMedians).toFixed(2)}` : '1',
      db === undefined ? '' : db === null ? 'equal' : `${db.toFixed(1)} dB`,
      result ? `${result.metric} ${figure(result.value)} (${figure(result.low)} – ${figure(result.high)})` : '',
      theirs?.value === undefined || !result ? '' : `${figure(theirs.value)}${more}`,
      result ? `${result.samples}` : '',
    );
  });
}
