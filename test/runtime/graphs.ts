/** Graphs that use kernels of every family, with sizes that leave remainders; a float model in the middle of each. */
const one = (inputs: string, output: string, lines: string): string => `graph main(${inputs}) {
  ${lines} : ${output}
  return %y
}`;

/** Texts of graphs by what they compute. */
export const kernelGraphs: Readonly<Record<string, string>> = {
  'convolution, pooling, sum': `graph main(%x: f32[1,9,7,5]) {
  @w = const f32[11,3,3,5]
  @b = const f32[11]
  @d = const f32[1,3,3,11]
  %h = CONV_2D(%x, @w, @b) {padding: SAME, fusedActivationFunction: RELU6} : f32[1,9,7,11]
  %e = DEPTHWISE_CONV_2D(%h, @d, @b) {padding: SAME, strideH: 1, strideW: 1, depthMultiplier: 1} : f32[1,9,7,11]
  %s = ADD(%e, %h) : f32[1,9,7,11]
  %y = MAX_POOL_2D(%s) {padding: SAME, filterHeight: 2, filterWidth: 2, strideH: 2, strideW: 2} : f32[1,5,4,11]
  return %y
}`,
  'a value that is read again after its reader': `graph main(%x: f32[1,33]) {
  @w = const f32[33,33]
  @axes = const i32[1] [1]
  %a = RELU(%x) : f32[1,33]
  %b = FULLY_CONNECTED(%a, @w, _) : f32[1,33]
  %c = TANH(%b) : f32[1,33]
  %d = MUL(%c, %b) : f32[1,33]
  %e = ADD(%d, %a) : f32[1,33]
  %m = MEAN(%e, @axes) {keepDims: true} : f32[1,1]
  %y = SUB(%e, %m) : f32[1,33]
  return %y, %b
}`,
  'views of one another': `graph main(%x: f32[3,4,5]) {
  @s = const i32[2] [12, 5]
  @t = const i32[1] [60]
  %a = EXP(%x) : f32[3,4,5]
  %b = RESHAPE(%a, @s) : f32[12,5]
  %c = RESHAPE(%b, @t) : f32[60]
  %d = NEG(%c) : f32[60]
  %e = RELU(%b) : f32[12,5]
  return %a, %d, %e
}`,
  'softmax of rows': one('%x: f32[3,17]', 'f32[3,17]', '%y = SOFTMAX(%x) {beta: 1}'),
  'bytes through a product': `graph main(%x: i8[5,33] q(0.05, 3)) {
  @w = const i8[17,33] q(0.02, 0)
  @b = const i32[17] q(0.001, 0)
  %y = FULLY_CONNECTED(%x, @w, @b) : i8[5,17] q(0.3, -5)
  return %y
}`,
  'float to bytes and back': `graph main(%x: f32[7,9]) {
  %q = QUANTIZE(%x) : i8[7,9] q(0.01, 3)
  %y = DEQUANTIZE(%q) : f32[7,9]
  return %y
}`,
  'gather, whose indices are an input': one('%x: f32[7,5], %i: i32[2,3]', 'f32[2,3,5]', '%y = GATHER(%x, %i)'),
  'an update, whose place is an input': one(
    '%x: f32[5,7,4], %u: f32[2,3,4], %s: i32[3]',
    'f32[5,7,4]',
    '%y = DYNAMIC_UPDATE_SLICE(%x, %u, %s)',
  ),
  'a product of batches': one('%x: f32[3,5,7], %z: f32[3,7,9]', 'f32[3,5,9]', '%y = BATCH_MATMUL(%x, %z)'),
  'broadcast sum': one('%x: f32[3,1,7], %z: f32[5,1]', 'f32[3,5,7]', '%y = ADD(%x, %z)'),
  resize: `graph main(%x: f32[2,5,7,3]) {
  @size = const i32[2] [10, 13]
  %y = RESIZE_BILINEAR(%x, @size) : f32[2,10,13,3]
  return %y
}`,
  'transpose, pad, join': `graph main(%x: f32[3,5,7]) {
  @p = const i32[3] [2, 0, 1]
  @pads = const i32[3,2] [0, 1, 2, 0, 1, 1]
  %t = TRANSPOSE(%x, @p) : f32[7,3,5]
  %q = PAD(%t, @pads) : f32[8,5,7]
  %y = CONCATENATION(%q, %q) {axis: 2} : f32[8,5,14]
  return %y, %t
}`,
  'parts of a tensor': `graph main(%x: f32[6,7]) {
  @axis = const i32[] [0]
  %a, %b, %c = SPLIT(@axis, %x) {numSplits: 3} : f32[2,7], f32[2,7], f32[2,7]
  %d = ADD(%a, %b) : f32[2,7]
  %y = MAXIMUM(%d, %c) : f32[2,7]
  return %y, %a
}`,
  'a loop': `graph main(%i: i32[], %x: f32[5]) {
  %n, %y = WHILE(%i, %x) {condSubgraphIndex: 1, bodySubgraphIndex: 2} : i32[], f32[5]
  return %n, %y
}

graph condition(%i: i32[], %x: f32[5]) {
  @n = const i32[] [9]
  %go = LESS(%i, @n) : bool[]
  return %go
}

graph body(%i: i32[], %x: f32[5]) {
  @one = const i32[] [1]
  %j = ADD(%i, @one) : i32[]
  %z = MUL(%x, %x) : f32[5]
  return %j, %z
}`,
  'a result whose size depends on data': `graph main(%x: f32[4,5]) {
  @zero = const f32[] [0]
  %m = GREATER(%x, @zero) : bool[4,5]
  %w = WHERE(%m) : i64[?,2]
  %g = GATHER_ND(%x, %w) : f32[?]
  %y = NEG(%g) : f32[?]
  return %y, %w
}`,
};
