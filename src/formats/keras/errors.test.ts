import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../bytes/source.js';
import { prepare, readModel } from '../index.js';
import type { ReadOptions } from '../types.js';

const cases = ['cases', 'recurrent'].flatMap((name) => {
  const path = new URL(`../../../test/fixtures/keras/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString()) as { name: string; file: string }[];
});
const filesOf = (name: string) =>
  unzipSync(Uint8Array.from(Buffer.from(cases.find((c) => c.name === name)?.file ?? '', 'base64')));

/** Reads a model whose configuration was changed. */
async function readChanged(name: string, change: (config: string) => string, options: ReadOptions = {}) {
  const files = filesOf(name);
  const config = change(new TextDecoder().decode(files['config.json']));
  const source = bytesSource(zipSync({ ...files, 'config.json': strToU8(config) }), 'changed.keras');
  await prepare(source);
  return readModel(source, options);
}

describe('what cannot be read of a Keras model', () => {
  it('is named with its layer: Python code', async () => {
    const read = readChanged('activation relu', (c) => c.replace('"Activation"', '"Lambda"'));
    await expect(read).rejects.toThrow(/Lambda 'activation\w*': holds Python code/);
  });

  it('is named with its layer: a class that is not of Keras', async () => {
    const read = readChanged('activation relu', (c) => c.replace('"Activation"', '"MyLayer"'));
    await expect(read).rejects.toThrow(/MyLayer 'activation\w*': the class MyLayer is not one of/);
  });

  it.each([
    ['Hashing', /Hashing 'activation\w*': hashes texts.*in front of the model/s],
    ['IntegerLookup', /IntegerLookup 'activation\w*': has learned its vocabulary.*model\.export/s],
  ])('is named with its layer: %s without what it looks up', async (className, message) => {
    const read = readChanged('activation relu', (c) => c.replace('"Activation"', `"${className}"`));
    await expect(read).rejects.toThrow(message);
  });

  it('is named with its layer: an activation', async () => {
    const read = readChanged('activation relu', (c) => c.replace('"relu"', '"my_function"'));
    await expect(read).rejects.toThrow(/has the activation 'my_function'/);
  });

  it('is named with its layer: a class of the model’s own with a name of Keras’s', async () => {
    const read = readChanged('activation relu', (c) => {
      const json = JSON.parse(c);
      Object.assign(json.config.layers[1], { module: null, registered_name: 'Activation' });
      return JSON.stringify(json);
    });
    await expect(read).rejects.toThrow(
      /Activation 'activation\w*': the class Activation is not one of.*the model’s own/s,
    );
  });

  it('is named by its class where its configuration has no name', async () => {
    const read = readChanged('activation relu', (c) => {
      const json = JSON.parse(c);
      const name = json.config.layers[1].config.name;
      Object.assign(json.config.layers[1], {
        class_name: 'Attend',
        module: null,
        registered_name: 'Attend',
        config: {},
      });
      return JSON.stringify(json).replaceAll(`"name":"${name}",`, '').replaceAll(`"${name}"`, '"attend"');
    });
    await expect(read).rejects.toThrow(/Attend 'attend': the class Attend is not one of.*the model’s own/s);
  });

  it.each(['"name": "int8_from_float32"', '"mode": "int4/128", "source_name": "float32"'])(
    'is named with its layer: numbers that Keras quantized (%s)',
    async (policy) => {
      const read = readChanged('dense of three axes', (c) => c.replaceAll('"name": "float32"', policy));
      await expect(read).rejects.toThrow(/Dense 'dense\w*': was quantized by Keras.*before model\.quantize/s);
    },
  );

  it('is named with its layer: text, with the way around it', async () => {
    const read = readChanged('activation relu', (c) =>
      c
        .replace('"dtype": "float32", "sparse"', '"dtype": "string", "sparse"')
        .replace('"Activation"', '"StringLookup"'),
    );
    await expect(read).rejects.toThrow(/takes string.*StringLookup 'activation\w*' belongs in front of the model/s);
  });

  it('is named with its layer: a cell among stacked ones', async () => {
    const read = readChanged('RNN of stacked cells', (c) => c.replace('"GRUCell"', '"MyCell"'));
    await expect(read).rejects.toThrow(/RNN 'rnn\w*': has a cell of class MyCell, which is not known here/);
  });

  it('is named with its layer: stacked cells with their states in the other order', async () => {
    const read = readChanged('RNN of stacked cells', (c) =>
      c.replace('"cells": [', '"reverse_state_order": true, "cells": ['),
    );
    await expect(read).rejects.toThrow(/RNN 'rnn\w*': has stacked cells with reverse_state_order/);
  });

  it('is a list of stacked cells without cells', async () => {
    const read = readChanged('RNN of one stacked cell', (c) => c.replace('"cells": [', '"others": ['));
    await expect(read).rejects.toThrow(/cells: a list of cells expected in StackedRNNCells/);
  });

  it('is named with its layer: within a model on every step', async () => {
    const read = readChanged('time distributed model', (c) => c.replace('"Flatten"', '"Lambda"'));
    await expect(read).rejects.toThrow(/Lambda 'time_distributed\w*\/inner\/flatten\w*': holds Python code/);
  });

  it('is a model that is a class of its own', async () => {
    const read = readChanged('activation relu', () => '{"class_name": "MyModel", "config": {}}');
    await expect(read).rejects.toThrow(/a Sequential or Functional model expected, got MyModel/);
  });

  it('is a file of weights without a model', async () => {
    const source = bytesSource(filesOf('conv 2d')['model.weights.h5'] as Uint8Array, 'w.h5');
    await prepare(source);
    expect(() => readModel(source)).toThrow(/w\.h5: weights without a model/);
  });
});

describe('a Keras model', () => {
  it('has the shape for which it was built, where no layer says one', async () => {
    const model = await readChanged('nested sequential', (c) => {
      const json = JSON.parse(c);
      json.config.layers.shift();
      return JSON.stringify({ ...json, config: { ...json.config, build_input_shape: [null, 6, 5, 4] } });
    });
    expect(model.graphs[0]?.inputs[0]?.shape).toEqual([-1, 6, 5, 4]);
  });

  it('may be of a class of one’s own that adds to a graph of layers, also within another', async () => {
    const own = await readChanged('time distributed model', (c) => c.replaceAll('"Functional"', '"mine>Net"'));
    const plain = await readChanged('time distributed model', (c) => c);
    expect(own.graphs.map((g) => g.nodes.length)).toEqual(plain.graphs.map((g) => g.nodes.length));
  });

  it('takes floats where its policy mixes floats and halves', async () => {
    const model = await readChanged('activation relu', (c) =>
      c.replace('"dtype": "float32"', '"dtype": "mixed_float16"'),
    );
    expect(model.graphs[0]?.inputs[0]?.dtype).toBe('f32');
  });

  it('names its inputs and outputs by their layers', async () => {
    const model = await readChanged('activation relu', (c) => c);
    const [signature] = model.signatures;
    expect(signature?.key).toBe('serving_default');
    expect(signature?.inputs[0]?.name).toMatch(/^input_layer/);
    expect(signature?.outputs[0]?.name).toMatch(/^activation/);
    expect(model.graphs[0]?.inputs[0]?.shape).toEqual([-1, 9]);
  });
});

describe('shapes that are given', () => {
  const config = new TextDecoder().decode(filesOf('conv 2d')['config.json']);
  const { name } = JSON.parse(config).config.layers[0].config;
  const read = (inputShapes: Record<string, number[]>) => readChanged('conv 2d', (c) => c, { inputShapes });

  it('are for inputs that the model has', async () => {
    await expect(read({ [`${name}s`]: [1, 6, 5, 4] })).rejects.toThrow(`Inputs: ${name}. Did you mean '${name}'?`);
  });

  it('have sizes', async () => {
    await expect(read({ [name]: [0, 6, 5, 4] })).rejects.toThrow('sizes of at least 1');
  });

  it('have the channels that the filters take', async () => {
    await expect(read({ [name]: [1, 6, 5, 8] })).rejects.toThrow(/Conv2D '.*': takes 4 channels, its input has 8\./);
  });
});
