/** `npm run gen` writes every generated file; `npm run gen -- --check` fails when one is stale. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generateOpIndex } from './gen-op-index.js';
import { generateOperandTypes } from './gen-operand-types.js';
import { generateTensorflowSchema } from './gen-tensorflow-schema.js';
import { generateTfliteSchema, generateTfliteVersions } from './gen-tflite-schema.js';

const data = new URL('./data', import.meta.url).pathname;
const root = new URL('..', import.meta.url).pathname;
/** Loaded late: it needs the generated sources. */
const docs = () => import('./gen-docs.js');

/** Every generated file: path from the project's root -> its text. */
const files: Readonly<Record<string, () => string | Promise<string>>> = {
  'src/schema/operand-types.gen.ts': () => generateOperandTypes(data),
  'src/schema/tensorflow.gen.ts': () => generateTensorflowSchema(data),
  'src/schema/tflite.gen.ts': () => generateTfliteSchema(data),
  'src/schema/tflite-versions.gen.ts': () => generateTfliteVersions(data),
  'src/ops/index.gen.ts': () => generateOpIndex(`${root}/src/ops`),
  'docs/ops.md': async () => (await docs()).generateOpsDoc(),
  'docs/lowering-differences.md': async () => (await docs()).generateDifferencesDoc(`${root}/test/data`),
  'README.md': async () => (await docs()).generateReadme(`${root}/README.md`),
};

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const [path, generate] of Object.entries(files)) {
  const file = `${root}/${path}`;
  const text = await generate();
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale.push(path);
  if (!check) writeFileSync(file, text);
}
if (check && stale.length > 0) {
  console.error(`stale generated files, run "npm run gen": ${stale.join(', ')}`);
  process.exit(1);
}
console.error(stale.length > 0 ? `wrote ${stale.join(', ')}` : 'generated files are fresh');
