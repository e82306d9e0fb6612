import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { bytesSource } from '/work/main/src/bytes/source.js';
import { lowerTensorFlow } from '/work/main/src/formats/tensorflow/lower/index.js';
import { readGraphDef } from '/work/main/src/formats/tensorflow/read/graph-def.js';
import { readTflite, writeTflite } from '/work/main/src/formats/tflite/index.js';
import { printGraphs } from '/work/main/src/ops/text.js';
import { optimizePreset } from '/work/main/src/passes/preset.js';
import { runPasses } from '/work/main/src/passes/run.js';
import { describeModel, differences, parseLine } from '/work/main/test/observed/describe.js';

const [group, folder] =
  process.argv[2] === 'k' ? ['keras3_layers_from_keras_model', 'keras3-layers'] : ['graph_rewrites', 'rewrites'];
const verbose = process.argv.slice(3);
const observed = JSON.parse(readFileSync('/work/main/test/data/observed-lowerings.json', 'utf8'))[group!];
const graphs = JSON.parse(gunzipSync(readFileSync(`/work/main/test/fixtures/${folder}/graphs.json.gz`)).toString());
let ok = 0,
  n = 0;
for (const [name, base64] of Object.entries<string>(graphs)) {
  if (verbose.length && !verbose.includes(name)) continue;
  n++;
  try {
    const tf = readGraphDef(bytesSource(Buffer.from(base64, 'base64')));
    const model = lowerTensorFlow(tf);
    if (verbose.length) console.log(printGraphs(model.graphs));
    runPasses(model, optimizePreset, {
      verify: true,
      checkNumerics: true,
      onPass: (p, c) => {
        if (verbose.length && c) console.log('  pass', p, c);
      },
    });
    if (verbose.length) console.log(printGraphs(model.graphs));
    const back = readTflite(bytesSource(writeTflite(model)));
    const d = differences(
      observed[name].filter((l: string) => l !== 'NEEDS-SELECT').map(parseLine),
      describeModel(back),
      group === 'graph_rewrites',
    );
    if (d.length === 0) ok++;
    else console.log(`## ${name}\n   ${d.join('\n   ')}`);
  } catch (e) {
    console.log(`## ${name}\n   ERROR ${verbose.length ? (e as Error).stack : (e as Error).message.slice(0, 300)}`);
  }
}
console.log(`${ok} of ${n}`);
