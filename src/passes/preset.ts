import { absorbNegation } from './absorb-negation.js';
import { absorbPadding } from './absorb-padding.js';
import { canonicalizeInfinities } from './canonicalize-infinities.js';
import type { Pass } from './define.js';
import { expandErf } from './expand-erf.js';
import { foldArithmeticAfter } from './fold-arithmetic-after.js';
import { foldArithmeticBefore } from './fold-arithmetic-before.js';
import { foldConstants } from './fold-constants.js';
import { fuseActivation } from './fuse-activation.js';
import { gatherBeforeCast } from './gather-before-cast.js';
import { hoistActivation } from './hoist-activation.js';
import { hoistArithmetic } from './hoist-arithmetic.js';
import { joinParts } from './join-parts.js';
import { keepDims } from './keep-dims.js';
import { mergeAdditions } from './merge-additions.js';
import { mergeCommonSubexpressions } from './merge-common-subexpressions.js';
import { mergeReshapes } from './merge-reshapes.js';
import { mergeTransposes } from './merge-transposes.js';
import { nameShapes } from './name-shapes.js';
import { recognizeElu } from './recognize-elu.js';
import { recognizeEmbeddingLookup } from './recognize-embedding-lookup.js';
import { recognizeFullyConnected } from './recognize-fully-connected.js';
import { recognizeGelu } from './recognize-gelu.js';
import { recognizeHardSwish } from './recognize-hard-swish.js';
import { recognizeL2Normalization } from './recognize-l2-normalization.js';
import { recognizeLeakyRelu } from './recognize-leaky-relu.js';
import { recognizeLogistic } from './recognize-logistic.js';
import { recognizeNearestUpsampling } from './recognize-nearest-upsampling.js';
import { recognizeOneHot } from './recognize-one-hot.js';
import { recognizePrelu } from './recognize-prelu.js';
import { recognizeSoftmax } from './recognize-softmax.js';
import { recognizeSquaredDifference } from './recognize-squared-difference.js';
import { recoverDilatedConvolution } from './recover-dilated-convolution.js';
import { removeBroadcasts } from './remove-broadcasts.js';
import { removeDead } from './remove-dead.js';
import { removeIdentities } from './remove-identities.js';
import { removeIdleDropout } from './remove-idle-dropout.js';
import { removeReshapesOfFullyConnected } from './remove-reshapes-of-fully-connected.js';
import type { Step } from './run.js';
import { shrinkTopK } from './shrink-top-k.js';
import { simplifyArithmetic } from './simplify-arithmetic.js';
import { sinkTransposes } from './sink-transposes.js';
import { skipSoftmax } from './skip-softmax.js';
import { sliceFromStridedSlice } from './slice-from-strided-slice.js';

/** What makes any graph simpler and no operator larger; repeated until nothing changes. */
const cleanUp: readonly Pass[] = [
  foldConstants(),
  nameShapes(),
  removeIdentities(),
  mergeReshapes(),
  mergeTransposes(),
  joinParts(),
  sliceFromStridedSlice(),
  simplifyArithmetic(),
  keepDims(),
  sinkTransposes(),
  mergeCommonSubexpressions(),
  removeDead(),
];

/** Patterns of small operators that one operator stands for. The longer ones come before their parts. */
const recognize: readonly Pass[] = [
  removeIdleDropout(),
  recoverDilatedConvolution(),
  recognizeHardSwish(),
  recognizeGelu(),
  recognizeL2Normalization(),
  recognizeSoftmax(),
  recognizeLogistic(),
  recognizePrelu(),
  recognizeLeakyRelu(),
  recognizeElu(),
  recognizeOneHot(),
  recognizeNearestUpsampling(),
  recognizeSquaredDifference(),
  recognizeFullyConnected(),
];

/** Operators that the kernels of convolutions and matrix products take in. */
const fuse: readonly Pass[] = [
  absorbNegation(),
  removeReshapesOfFullyConnected(),
  absorbPadding(),
  hoistArithmetic(),
  mergeAdditions(),
  foldArithmeticAfter(),
  foldArithmeticBefore(),
  recognizeEmbeddingLookup(),
  removeBroadcasts(),
  hoistActivation(),
  fuseActivation(),
  skipSoftmax(),
  gatherBeforeCast(),
  shrinkTopK(),
];

/** What a conversion does to a graph that was lowered from another framework, in order. */
export const optimizePreset: readonly Step[] = [
  cleanUp,
  [...recognize, ...cleanUp],
  [...fuse, ...cleanUp],
  expandErf(),
  canonicalizeInfinities(),
  cleanUp,
];
