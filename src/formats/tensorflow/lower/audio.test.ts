import { expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import { seededData } from '../../../ir/seeded.js';
import type { Tensor } from '../../../ir/tensor.js';
import { audioSpectrogram, mfcc } from '../../../ops/audio.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const spectrogram = 'AudioSpectrogram($0) {"window_size":24,"stride":10,"magnitude_squared":true}';
const cepstrum =
  'Mfcc(%0, i32[]=16000) {"dct_coefficient_count":5,"filterbank_channel_count":8,"upper_frequency_limit":7000,"lower_frequency_limit":100}';

it.each([true, false])(
  'spectrograms and cepstra become builtin operators, which compute what the custom ones do (known sample rate: %s)',
  (isKnown) => {
    const sound: Tensor = { dtype: 'f32', shape: [100, 2], data: seededData('f32', 200, 'sound') };
    const steps = [spectrogram, isKnown ? cepstrum : cepstrum.replace('i32[]=16000', '$1')];
    const graph = lowerTensorFlow(buildGraph(['float32[100,2]', 'int32[]'], steps)).graphs[0] as Graph;
    const window = new Map(Object.entries({ window_size: 24, stride: 10, magnitude_squared: 1 }));
    const sizes = { dct_coefficient_count: 5, filterbank_channel_count: 8 };
    const limits = { upper_frequency_limit: 7000, lower_frequency_limit: 100 };
    const rate: Tensor = { dtype: 'i32', shape: [], data: Int32Array.of(16000) };
    const [expected] = mfcc(
      [audioSpectrogram([sound], window)[0], rate],
      new Map(Object.entries({ ...sizes, ...limits })),
    );
    const [actual] = evaluateGraph(graph, [sound, rate]);
    expect(actual?.shape).toEqual([2, 8, 5]);
    for (const [i, want] of Array.from(expected?.data as Float32Array).entries())
      expect(actual?.data[i], `element ${i}`).toBeCloseTo(want, 3);
  },
);

it('windows without a size are refused', () => {
  const steps = [spectrogram.replace('"stride":10', '"stride":0')];
  expect(() => lowerTensorFlow(buildGraph(['float32[100,2]'], steps))).toThrow('samples between windows, got 0');
});

it('windows are put together from pieces as long as what divides them and their steps', () => {
  const steps = ['AudioSpectrogram($0) {"window_size":480,"stride":160}'];
  const graph = lowerTensorFlow(buildGraph(['float32[16000,1]'], steps)).graphs[0] as Graph;
  const [indices] = [...graph.nodes()].filter((n) => n.op === 'GATHER').map((n) => n.inputs[1]);
  expect(indices?.shape).toEqual([98, 3]);
});
