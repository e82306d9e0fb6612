import { audios } from './audio.js';
import { binaries } from './binary.js';
import { branchChoices } from './branches.js';
import { colors } from './color.js';
import { combinedSuppressions } from './combined-suppression.js';
import { complexes } from './complex.js';
import { conditions } from './conditions.js';
import type { Lower } from './context.js';
import { convolutions } from './convolution.js';
import { crops } from './crop-and-resize.js';
import { decoders } from './ctc.js';
import { cumulatives } from './cumulative.js';
import { einsums } from './einsum.js';
import { elementwise } from './elementwise.js';
import { fouriers } from './fourier.js';
import { fusions } from './fused.js';
import { logGamma } from './gamma.js';
import { gathers } from './gather.js';
import { gradients } from './gradients.js';
import { images } from './image.js';
import { lists } from './lists.js';
import { loops } from './loops.js';
import { products } from './matmul.js';
import { matrices } from './matrix.js';
import { matrixFunctions } from './matrix-functions.js';
import { argmaxPools } from './max-pool-argmax.js';
import { morphologies } from './morphology.js';
import { normalizations } from './normalization.js';
import { partitions } from './partition.js';
import { pools } from './pooling.js';
import { projections } from './projection.js';
import { quantizations } from './quantization.js';
import { raggeds } from './ragged.js';
import { randoms } from './random.js';
import { reductions } from './reduction.js';
import { resizesByWeights } from './resize-by-weights.js';
import { searches } from './search.js';
import { segments } from './segments.js';
import { shapes } from './shape.js';
import { slices } from './slice.js';
import { tables } from './tables.js';
import { tensorArrays } from './tensor-arrays.js';
import { trainings } from './training.js';
import { variables } from './variables.js';

const families: readonly Readonly<Record<string, Lower>>[] = [
  argmaxPools,
  audios,
  binaries,
  branchChoices,
  colors,
  combinedSuppressions,
  complexes,
  conditions,
  convolutions,
  crops,
  cumulatives,
  decoders,
  einsums,
  elementwise,
  fouriers,
  fusions,
  gathers,
  images,
  { Lgamma: logGamma },
  lists,
  loops,
  gradients,
  matrices,
  matrixFunctions,
  morphologies,
  normalizations,
  partitions,
  pools,
  products,
  projections,
  quantizations,
  raggeds,
  randoms,
  reductions,
  resizesByWeights,
  searches,
  segments,
  shapes,
  slices,
  tables,
  tensorArrays,
  trainings,
  variables,
];

/** Every TensorFlow operation that becomes operators here. */
export const lowerings: ReadonlyMap<string, Lower> = new Map(families.flatMap((family) => Object.entries(family)));
