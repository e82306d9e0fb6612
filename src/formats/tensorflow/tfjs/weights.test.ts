import { expect, it } from 'vitest';
import { memoryTree } from '../../../bytes/source.js';
import { readWeights } from './weights.js';

const entry = (name: string, count = 300) => ({ name, shape: [count], dtype: 'float32' });

it('equal weights are one constant, others are not', () => {
  const numbers = new Float32Array(1200);
  for (let i = 0; i < 300; i++) numbers[i] = numbers[300 + i] = numbers[600 + i] = numbers[900 + i] = i;
  numbers[899] = -1;
  const json = {
    weightsManifest: [{ paths: ['w.bin'], weights: [entry('a'), entry('read'), entry('other'), entry('part', 100)] }],
  };
  const weights = readWeights(
    { modelTopology: {}, ...json },
    memoryTree({ 'w.bin': new Uint8Array(numbers.buffer) }),
    'model.json',
  );
  expect(weights.get('read')).toBe(weights.get('a'));
  expect(weights.get('other')).not.toBe(weights.get('a'));
  expect(weights.get('other')?.data()[299]).toBe(-1);
  expect(weights.get('part')?.data().length).toBe(100);
});
