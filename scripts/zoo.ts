/**
 * `npm run zoo`: converts, quantizes, runs and evaluates models, and writes docs/zoo.md with its charts. The bundled ones
 * are always there; public nets with their data lie in `../shared/headline`, and are left out where they do not.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { openJob } from '../src/cli/evaluate-part.js';
import { bytesOf, modelFile } from '../src/cli/model-file.js';
import { quantizedForm } from '../src/cli/quantized-form.js';
import { reportSubjects } from '../src/cli/report-subjects.js';
import { type Evaluation, joinParts } from '../src/evaluate/evaluate.js';
import { nodeDrawing } from '../src/node/drawing.js';
import type { SubjectData } from '../src/report/report-data.js';
import { plainPalette } from '../src/view/plot-svg.js';
import { overviewCharts } from '../src/view/report-overview.js';
import { bundled, type Golden, published, type ZooModel } from './zoo-models.js';
import { type ZooRow, zooTable } from './zoo-table.js';

const root = new URL('..', import.meta.url).pathname;
const headline = join(root, '../shared/headline');
const TECHNIQUES = ['float16', 'dynamic'];
/** Models of the charts, one of each kind, and what they are called there. */
const CHARTED: Readonly<Record<string, string>> = {
  mobilenet_v2_100_224: 'MobileNet v2',
  squeezenet_v1_0: 'SqueezeNet',
  char_lstm: 'LSTM, text',
  digits_lstm: 'LSTM, sound',
  digits_transformer: 'Transformer',
};

const rows: ZooRow[] = [];
for (const model of bundled) rows.push(await measured(withGolden(model, join(root, 'models')), root));
if (existsSync(headline))
  for (const model of published) rows.push(await measured(withGolden(model, headline), headline));
else console.error(`${headline} is not there: only the bundled models are measured`);

mkdirSync(join(root, 'docs/images'), { recursive: true });
const subjects = rows.flatMap(({ subject }) => {
  const name = CHARTED[subject.name];
  return name ? [{ ...subject, name, variants: subject.variants.filter((v) => v.name !== 'float16') }] : [];
});
const { size, latency } = overviewCharts(nodeDrawing(plainPalette), { subjects }, true);
for (const [name, chart] of Object.entries({ size, latency }))
  if (chart) writeFileSync(join(root, `docs/images/${name}.svg`), chart.svg);
const processor = `${cpus()[0]?.model.trim()}, one thread, Node ${process.version}`;
writeFileSync(join(root, 'docs/zoo.md'), zooTable(rows, processor));
console.error(`wrote docs/zoo.md: ${rows.length} models`);

async function measured(model: ZooModel, folder: string): Promise<ZooRow> {
  const path = folder === root ? join(root, model.path) : join(folder, model.name, model.path);
  console.error(model.name);
  const request = {
    quantize: TECHNIQUES.join(','),
    samples: 4,
    seed: 1,
    runs: 40,
    warmupMs: 500,
    json: true,
    task: '',
    labelOffset: 0,
  };
  const [subject] = await reportSubjects([path], request);
  const evaluation = model.data ? await evaluated(model, path, folder) : undefined;
  return { subject: { ...(subject as SubjectData), name: model.name }, evaluation, golden: model.golden };
}

async function evaluated({ data, name }: ZooModel, path: string, folder: string): Promise<Evaluation> {
  const { spec, task = 'classification', labelOffset = 0, folder: place } = data as NonNullable<ZooModel['data']>;
  const bytes = bytesOf(await modelFile(path, {}, true));
  const made = await Promise.all(TECHNIQUES.map((technique) => quantizedForm(bytes, technique)));
  const models = [{ name: 'float', bytes }, ...made].map(({ name, bytes }) => ({ name, bytes }));
  const job = await openJob({
    models,
    numerics: 'fast',
    folder: join(folder, place),
    data: spec,
    task,
    options: { labelOffset },
    skipBad: false,
  });
  const part = await job.measure(0, job.dataset.size);
  const sizes = models.map((m) => ({ name: `${name}, ${m.name}`, bytes: m.bytes.byteLength }));
  return joinParts(task, sizes, job.metric, [part]);
}

/** The figures of the real converter, from the card beside the model. */
function withGolden(model: Omit<ZooModel, 'golden'>, folder: string): ZooModel {
  const card = JSON.parse(readFileSync(join(folder, model.name, 'card.json'), 'utf8'));
  const names = { float: 'float', float16: 'f16', dynamic: 'dynamic' };
  const forms: Record<string, { bytes: number; value?: number | undefined }> = {};
  for (const [name, key] of Object.entries(names)) {
    const figures = card.real_tensorflow[key];
    if (figures)
      forms[name] = { bytes: figures.bytes, value: figures.top1_shared300 ?? figures[card.metric] ?? figures.top1 };
  }
  // The cards of the bundled nets are for all 1,000 digits that the tests hold.
  const { n = 1000, top1_shared300: shared } = card.real_tensorflow.float;
  const golden: Golden = { samples: shared === undefined ? n : 300, forms };
  return { ...model, golden };
}
