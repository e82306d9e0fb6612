import type { Sound } from '../bytes/wav.js';
import { ModelError } from '../errors.js';
import { printShape } from '../ir/print.js';
import type { Tensor } from '../ir/tensor.js';
import { fitTensor, type Wanted } from './fit-tensor.js';

/** How sound is prepared. */
export interface SoundOptions {
  /** Samples in a second that the model wants; sound of another rate is resampled, linearly. Absent: as it is. */
  readonly rate?: number;
}

/**
 * Sound as the tensor of an input `[N]`, `[1, N]` or `[1, N, 1]`: channels averaged, samples in -1..1. Where N is known,
 * longer sound is cut and shorter sound followed by silence.
 * @throws {ModelError} `invalid-data` when the input cannot take sound.
 */
export function soundTensor(sound: Sound, wanted: Wanted, where: string, { rate }: SoundOptions = {}): Tensor {
  const { shape } = wanted;
  const axis = shape.length === 3 && shape[2] !== 1 ? 2 : Math.min(1, shape.length - 1);
  if (axis < 0 || shape.length > 3 || shape.some((d, i) => i !== axis && d > 1))
    throw new ModelError(
      'invalid-data',
      `sound goes into [N], [1, N] or [1, N, 1]; input '${wanted.name}' is ${printShape(shape)}. Give a .npy file.`,
      { where },
    );
  const mono = resample(average(sound.channels), sound.rate, rate ?? sound.rate);
  const length = shape[axis] as number;
  const data = length < 0 ? mono : Float32Array.from({ length }, (_, i) => mono[i] ?? 0);
  const full = shape.map((_, i) => (i === axis ? data.length : 1));
  return fitTensor({ dtype: 'f32', shape: full, data }, wanted, where);
}

function average(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = channels;
  if (channels.length < 2) return first;
  return first.map((_, i) => channels.reduce((sum, c) => sum + (c[i] as number), 0) / channels.length);
}

function resample(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to || samples.length === 0) return samples;
  const length = Math.max(1, Math.round((samples.length * to) / from));
  return Float32Array.from({ length }, (_, i) => {
    const at = (i * from) / to;
    const low = Math.min(Math.floor(at), samples.length - 1);
    const a = samples[low] as number;
    const b = samples[Math.min(low + 1, samples.length - 1)] as number;
    return a + (b - a) * (at - low);
  });
}
