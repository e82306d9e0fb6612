import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { convert } from '../../../convert/convert.js';
import { openFolder } from '../../../node/files.js';
import { load } from '../../../node/runtime.js';
import { writeModel } from '../../index.js';

const folder = new URL('../../../../test/fixtures/tensorflow/text_classifier', import.meta.url).pathname;
const TOKENS = 'functional_1/text_vectorization_1/RaggedToTensor/RaggedTensorToTensor';

it('a text classifier says where to cut it, and the model that is cut there gives what Keras gives', async () => {
  expect(() => convert(openFolder(folder))).toThrow(`Convert it with --input ${TOKENS}, to compute`);
  const { model } = convert(openFolder(folder), { inputs: [TOKENS], quantize: 'dynamic' });
  const { tokens, mood } = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8'));
  const running = await load(writeModel(model));
  expect(running.signatures[0]?.inputs).toMatchObject([{ name: TOKENS, dtype: 'i64', shape: [-1, 8] }]);
  const data = BigInt64Array.from(tokens.flat(), BigInt);
  const { output_0: output } = running.run({ [TOKENS]: { data, shape: [2, 8] } });
  for (const [i, p] of mood.flat().entries()) expect((output!.data as Float32Array)[i]).toBeCloseTo(p, 3);
});

it('a cut at an output leaves the rest away, and inputs that nobody needs', () => {
  const { model } = convert(openFolder(folder), { inputs: [TOKENS], outputs: ['functional_1/embedding_1/GatherV2'] });
  expect(model.signatures[0]?.outputs.map((o) => o.name)).toEqual(['functional_1/embedding_1/GatherV2']);
  expect([...model.graphs[0]!.nodes()].map((n) => n.op)).not.toContain('FULLY_CONNECTED');
});

it('a name that is not there is an error that names those that are near', () => {
  expect(() => convert(openFolder(folder), { inputs: ['RaggedTensorToTensor'] })).toThrow(
    `there is no 'RaggedTensorToTensor'. Did you mean '${TOKENS}'?`,
  );
});
