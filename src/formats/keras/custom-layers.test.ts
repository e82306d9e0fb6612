import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bytesSource } from '../../bytes/source.js';
import { convert } from '../../convert/convert.js';
import { load } from '../../node/runtime.js';
import { prepare, writeModel } from '../index.js';
import type { CustomLayer } from '../types.js';

const root = new URL('../../..', import.meta.url).pathname;
const fixture = JSON.parse(readFileSync(`${root}/test/fixtures/keras/custom_layer.json`, 'utf8'));
const file = bytesSource(new Uint8Array(Buffer.from(fixture.file, 'base64')), 'm.keras');

/** `relu(x * gain + offset)`, as the class of the model computes it. */
const gain: CustomLayer = ({ inputs, config, weight, constant, emit }) => {
  const scaled = emit('MUL', [inputs[0], weight(0)]);
  return emit('RELU', [emit('ADD', [scaled, constant('f32', Number(config.offset))])]);
};

it('a layer of one’s own class becomes the operators that its builder makes', async () => {
  await prepare(file);
  const { model } = convert(file, { customLayers: { Gain: gain } });
  const running = await load(writeModel(model));
  const { y } = running.run({ x: { data: Float32Array.from(fixture.x.flat()), shape: [2, 4] } });
  for (const [i, value] of fixture.y.flat().entries()) expect((y!.data as Float32Array)[i]).toBeCloseTo(value, 5);
});

it('without a builder the class is named, and so is the way out', async () => {
  await prepare(file);
  expect(() => convert(file)).toThrow(/Gain 'gain': the class Gain is not one of Keras's .* or give customLayers/s);
});
