import { elementCount } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { invalid } from './shapes.js';
import { blankData, copyView, wholeView, windowView } from './view.js';

/** The operand with `update` written over it from `start` on; starts are clamped so that the update fits. */
export const dynamicUpdateSlice = defineOp({
  name: 'DYNAMIC_UPDATE_SLICE',
  inputs: ['operand', 'update', 'start'],
  outputs: ['output'],
  version: updateVersion,
  infer({ operand: { dtype, shape }, update }) {
    if (update.dtype !== dtype) throw invalid(`update should be ${dtype}, got ${update.dtype}`);
    const isTooLarge = (d: number, i: number) => d !== -1 && (update.shape?.[i] ?? -1) > d;
    if (shape && update.shape && (update.shape.length !== shape.length || shape.some(isTooLarge)))
      throw invalid(`update [${update.shape}] does not fit into [${shape}]`);
    return [{ dtype, shape }];
  },
  reference({ inputs: { operand, update, start } }) {
    const { dtype, shape } = operand;
    const whole = wholeView(shape);
    const data = blankData(dtype, elementCount(shape));
    copyView(dtype, operand.data, whole, data, whole);
    const begin = shape.map((d, i) => Math.min(Math.max(Number(start.data[i]), 0), d - (update.shape[i] as number)));
    copyView(dtype, update.data, wholeView(update.shape), data, windowView(whole, begin, update.shape));
    return [{ dtype, shape, data }];
  },
});

function updateVersion({ inputs: [x, , start] }: VersionFacts): number {
  switch (x?.dtype) {
    case 'bf16':
      return 6;
    case 'i4':
      return 5;
    case 'i16':
      return 4;
    case 'f16':
      return 3;
    default:
      return start?.dtype === 'i64' ? 2 : 1;
  }
}
