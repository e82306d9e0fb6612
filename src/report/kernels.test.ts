import { expect, it } from 'vitest';
import type { Graph, Node } from '../ir/graph.js';
import { parseGraphs } from '../ir/parse.js';
import { findOp } from '../ops/registry.js';
import { liteRtKernel, reportKernels } from './kernels.js';
import { schemeOf } from './scheme.js';

const graphOf = (text: string): Graph => parseGraphs(text, (op) => findOp(op)?.defaults ?? {})[0] as Graph;
const modelOf = (text: string) => ({ graphs: [graphOf(text)], signatures: [], description: '', metadata: [] });
const lastOf = (text: string): Node => [...graphOf(text).nodes()].at(-1) as Node;

const depthwise = (filter: string, lines = '', name = '@w') => `graph main(%x: f32[1,4,4,2]) {
  @w = const ${filter}
  @b = const f32[2]
${lines}  %y = DEPTHWISE_CONV_2D(%x, ${name}, @b) {padding: SAME, depthMultiplier: 1} : f32[1,4,4,2]
  return %y
}`;
const halves = depthwise('f16[1,3,3,2]', '  %f = DEQUANTIZE(@w) : f32[1,3,3,2]\n', '%f');

it('the scheme of a node follows from the types of its tensors', () => {
  expect(schemeOf(lastOf(depthwise('f32[1,3,3,2]')))).toBe('f32');
  expect(schemeOf(lastOf(depthwise('i8[1,3,3,2] q(2 scales, axis 3)')))).toBe('hybrid');
  expect(schemeOf(lastOf(depthwise('i4[1,3,3,2] q(2 scales, axis 3)')))).toBe('hybrid-i4');
  expect(schemeOf(lastOf(halves))).toBe('f16');
  const add = (type: string) => lastOf(`graph main(%x: ${type}) {\n  %y = ADD(%x, %x) : ${type}\n  return %y\n}`);
  expect(schemeOf(add('i16[2] q(0.1, 0)'))).toBe('i16');
  expect(schemeOf(add('i32[2]'))).toBeUndefined();
  const quantize = 'graph main(%x: f32[2]) {\n  %y = QUANTIZE(%x) : u8[2] q(0.1, 3)\n  return %y\n}';
  expect(schemeOf(lastOf(quantize))).toBe('u8');
});

it('a hybrid depthwise convolution is slow in LiteRT, and the remedy is named', () => {
  const { nodes, litert, warnings } = reportKernels(modelOf(depthwise('i8[1,3,3,2] q(2 scales, axis 3)')));
  expect(nodes.map(({ kernel, litert }) => [kernel, litert])).toEqual([['depthwise_f32_3x3', 'scalar fallback']]);
  expect(litert).toEqual({ 'scalar fallback': 1 });
  expect(warnings).toEqual([
    '1 DEPTHWISE_CONV_2D runs in a scalar hybrid kernel in LiteRT, about 15 times slower than float. Leave them in float: --exclude DEPTHWISE_CONV_2D.',
  ]);
});

it('what reads constants alone is computed at load, and a fused node names its kernel', () => {
  const { nodes } = reportKernels(
    modelOf(halves.replace('  return %y', '  %z = LOGISTIC(%y) : f32[1,4,4,2]\n  return %z')),
  );
  expect(nodes.map(({ op, kernel, within, litert }) => [op, kernel, within, litert])).toEqual([
    ['DEQUANTIZE', 'at load', null, 'at load'],
    ['DEPTHWISE_CONV_2D', 'depthwise_f32_3x3', null, 'scalar fallback'],
    ['LOGISTIC', 'depthwise_f32_3x3', 'y', 'XNNPACK float'],
  ]);
});

it('a custom operator has no kernel', () => {
  const text = 'graph main(%x: f32[2]) {\n  %y = CUSTOM:Odd(%x) : f32[2]\n  return %y\n}';
  const { nodes, warnings } = reportKernels(modelOf(text));
  expect(nodes.map(({ kernel, litert }) => [kernel, litert])).toEqual([['none', 'none']]);
  expect(warnings).toEqual(['1 CUSTOM:Odd has no kernel in LiteRT.']);
  expect(liteRtKernel(lastOf(text)).kernel).toBe('none');
});

it('unknown sizes are taken to be large enough for the operators', () => {
  const pool = `graph main(%x: f32[1,?,?,1]) {
  %y = MAX_POOL_2D(%x) {padding: VALID, strideH: 2, strideW: 2, filterHeight: 2, filterWidth: 2} : f32[1,?,?,1]
  return %y
}`;
  expect(reportKernels(modelOf(pool)).nodes.map(({ kernel }) => kernel)).not.toContain('none');
});
