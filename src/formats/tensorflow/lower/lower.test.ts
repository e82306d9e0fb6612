import { toObject } from 'flatbuffers/js/flexbuffers.js';
import { describe, expect, it } from 'vitest';
import type { Graph, Node } from '../../../ir/graph.js';
import type { TfModel } from '../graph.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const mainOf = (model: TfModel): Graph => lowerTensorFlow(model).graphs[0] as Graph;
const nodesOf = (inputs: readonly string[], steps: readonly string[]): Node[] => [
  ...mainOf(buildGraph(inputs, steps)).nodes(),
];
const opsOf = (inputs: readonly string[], steps: readonly string[]): string[] =>
  nodesOf(inputs, steps).map((n) => n.op);

describe('names', () => {
  const model = buildGraph(['float32[2,3]'], ['Expm1($0)', 'Neg(%0)']);

  it('gives the last operator of an operation its name, and the others names below it', () => {
    const [exp, sub, neg] = mainOf(model).nodes();
    expect([exp?.output.name, sub?.output.name, sub?.name]).toEqual(['n0/exp', 'n0', 'n0']);
    expect(neg?.output.name).toBe('PartitionedCall:0');
  });

  it('keeps the tensor names of a SavedModel for inputs and outputs', () => {
    const graph = mainOf(model);
    expect(graph.inputs.map((v) => v.name)).toEqual(['serving_default_x0:0']);
    expect(graph.outputs.map((v) => v.name)).toEqual(['PartitionedCall:0']);
  });

  it('names inputs and outputs of a frozen graph by their nodes', () => {
    const graph = mainOf({ ...model, kind: 'graph-def' });
    expect(graph.inputs.map((v) => v.name)).toEqual(['serving_default_x0']);
    expect(graph.outputs.map((v) => v.name)).toEqual(['PartitionedCall']);
  });

  it('makes a graph of every signature, and sorts the logical names of each', () => {
    const [first] = buildGraph(['float32[2]', 'float32[2]'], ['AddV2($0, $1)']).graphs;
    if (!first) throw new Error('no graph');
    const inputs = [...first.signature.inputs].reverse();
    const graphs = [first, { ...first, signature: { ...first.signature, key: 'other', inputs } }];
    const lowered = lowerTensorFlow({ ...model, graphs });
    expect(lowered.graphs.map((g) => g.name)).toEqual(['serving_default', 'other']);
    expect(lowered.signatures[1]).toMatchObject({
      key: 'other',
      graph: 1,
      inputs: [
        { name: 'x0', index: 1 },
        { name: 'x1', index: 0 },
      ],
    });
  });
});

describe('outputs', () => {
  it('are copied when they are inputs, constants or other outputs', () => {
    const [copy] = nodesOf(['float32[?,3]'.replace('?', 'None')], ['Identity($0)']);
    expect(copy?.op).toBe('RESHAPE');
    expect(copy?.inputs[1]?.constant?.numbers()).toEqual([-1, 3]);
    const graph = mainOf(buildGraph(['float32[2]'], ['Neg($0)', 'IdentityN(%0, %0)']));
    expect([...graph.nodes()].map((n) => n.op)).toEqual(['NEG', 'RESHAPE']);
    expect(graph.outputs.map((v) => v.name)).toEqual(['PartitionedCall:0', 'PartitionedCall:1']);
  });

  it('of unknown sizes are copied to the shape that they have', () => {
    expect(opsOf(['float32[None,None]'], ['Identity($0)'])).toEqual(['SHAPE', 'RESHAPE']);
  });
});

describe('what cannot be lowered', () => {
  it('is named in one error, with how often and where it occurs', () => {
    const steps = ['Erfinv($0)', 'Erfinv(%0)', 'Digamma(%1)'];
    expect(() => mainOf(buildGraph(['float32[3,3]'], steps))).toThrow(
      /Erfinv ×2 \(layer 'n0', 'n1'\)\n {2}Digamma \(layer 'n2'\)/,
    );
  });

  it.each([
    ['BoostedTreesPredict', /Trees and forests have no form in TFLite/],
    ['EagerPyFunc', /Python code does not come with the model/],
    ['CudnnRNNV3', /run on GPUs only/],
  ])('says what helps with operations of a family: %s', (op, remedy) => {
    expect(() => mainOf(buildGraph(['float32[2]'], [`${op}($0)`]))).toThrow(remedy);
  });

  it('says which element types an operator takes', () => {
    expect(() => mainOf(buildGraph(['int8[2,3]'], ['Mean($0, i32[1])']))).toThrow(
      /^Mean 'n0': becomes MEAN, whose operand 0 takes f32, f16, i32, i64, got i8\. Cast 'serving_default_x0:0' in the model before this layer\.$/,
    );
  });

  it('of 64-bit integers are divided in 32 bits', () => {
    const ops = opsOf(['int64[2]', 'int64[2]'], ['FloorDiv($0, $1)']);
    expect(ops).toEqual(['CAST', 'CAST', 'FLOOR_DIV', 'CAST']);
    expect(opsOf(['int64[2,3]'], ['ArgMax($0, i32[])'])).toEqual(['CAST', 'ARG_MAX']);
  });

  it('says which operand would have to be a constant', () => {
    expect(() => mainOf(buildGraph(['float32[2,3]', 'int32[]'], ['Cumsum($0, $1)']))).toThrow(
      /^Cumsum 'n0': needs a constant axis, got 'serving_default_x1:0'/,
    );
  });

  it('becomes custom operators where they are allowed, with the attributes as options', () => {
    const warnings: string[] = [];
    const model = buildGraph(
      ['float32[1,4,4,4,3]'],
      ['ExtractVolumePatches($0) {"ksizes": [1,2,2,2,1], "strides": [1,1,1,1,1], "padding": "SAME"}'],
    );
    const lowered = lowerTensorFlow(model, { allowCustomOps: true, onWarning: (text) => warnings.push(text) });
    const [node] = lowered.graphs[0]?.nodes() ?? [];
    expect(node).toMatchObject({ op: 'CUSTOM', customCode: 'ExtractVolumePatches' });
    expect(node?.output.dtype).toBe('f32');
    expect(node?.customOptions).toBeInstanceOf(Uint8Array);
    expect(warnings).toHaveLength(1);
  });
});

describe('operands', () => {
  it('of small integers are widened where the result is the same', () => {
    expect(opsOf(['uint8[2]', 'uint8[2]'], ['AddV2($0, $1)'])).toEqual(['CAST', 'CAST', 'ADD', 'CAST']);
    expect(opsOf(['int8[2]', 'int8[2]'], ['Greater($0, $1)'])).toEqual(['CAST', 'CAST', 'GREATER']);
  });

  it('that share weights share the transposed ones', () => {
    const weights = buildGraph(['float32[2,3]'], ['MatMul($0, f32[3,3])']);
    const [graph] = weights.graphs;
    if (!graph) throw new Error('no graph');
    const graphs = [graph, { ...graph, signature: { ...graph.signature, key: 'again' } }];
    const [first, second] = lowerTensorFlow({ ...weights, graphs }).graphs.map((g) => [...g.nodes()][0]?.inputs[1]);
    expect(first?.constant).toBeDefined();
    expect(first?.constant).toBe(second?.constant);
  });

  it('that are 64-bit shapes and axes become 32-bit', () => {
    const [node] = nodesOf(['float32[2,3]'], ['Sum($0, i64[1]=1)']);
    expect(node?.inputs[1]?.dtype).toBe('i32');
  });
});

describe('shapes', () => {
  it('that are unknown to an operator are taken from the file', () => {
    const model = buildGraph(['int32[2]'], ['Fill($0, f32[]=1)', 'Neg(%0)']);
    const fill = model.graphs[0]?.nodes.find((n) => n.op === 'Fill');
    Object.assign(fill ?? {}, { outputShapes: [[4, -1]] });
    const [, neg] = mainOf(model).nodes();
    expect(neg?.output.shape).toEqual([4, -1]);
  });

  it('that leave one size open become constants', () => {
    const first = '{"shrink_axis_mask": 1}';
    const steps = [
      'Shape($0)',
      `StridedSlice(%0, i32[1]=0, i32[1]=1, i32[1]=1) ${first}`,
      'Pack(%1, i32[]=8)',
      'Reshape($0, %2)',
    ];
    const nodes = nodesOf(['float32[None,4,2]'], steps);
    expect(nodes.map((n) => n.op)).toEqual(['RESHAPE']);
    expect(nodes[0]?.inputs[1]?.constant?.numbers()).toEqual([-1, 8]);
  });
});

describe('custom options', () => {
  it('hold text, numbers, types and lists, in the order of their names', () => {
    const model = buildGraph(['float32[4]'], ['Neg($0)']);
    const node = model.graphs[0]?.nodes.at(-1);
    const attrs = { kind: 'float', value: 2 } as const;
    const list = {
      kind: 'list',
      value: [
        { kind: 'int', value: 1 },
        { kind: 'int', value: 2 },
      ],
    } as const;
    const given: Record<string, unknown> = { b: attrs, a: { kind: 'type', value: 'i32' }, c: list };
    const named = { names: Object.keys(given), value: (name: string) => given[name] };
    Object.assign(node ?? {}, { op: 'MyOperation', attrs: named });
    const lowered = lowerTensorFlow(model, { allowCustomOps: true });
    const [custom] = lowered.graphs[0]?.nodes() ?? [];
    const bytes = custom?.customOptions as Uint8Array;
    expect(toObject(bytes.slice().buffer)).toEqual({ a: 2, b: 2, c: [1, 2] });
  });
});

describe('counting', () => {
  it('into a number of bins that the model bounds on both sides needs no bounds', () => {
    const steps = [
      'Max($0, i32[1]=0)',
      'Maximum(i32[]=6, %0)',
      'Minimum(i32[]=6, %1)',
      'DenseBincount($0, %2, f32[0]) {"binary_output": true}',
    ];
    expect(opsOf(['int32[4]'], steps)).toEqual(['ONE_HOT', 'REDUCE_MAX']);
  });
});

describe('floats of 16 and 64 bits', () => {
  it.each([
    ['16', 'f16'],
    ['64', 'f64'],
  ])('are computed in 32-bit ones, with casts at the inputs and outputs: %s', (bits, dtype) => {
    const warnings: string[] = [];
    const model = buildGraph([`float${bits}[2,3]`], [`MatMul($0, ${dtype}[3,4])`, 'Relu(%0)']);
    const graph = lowerTensorFlow(model, { onWarning: (text) => warnings.push(text) }).graphs[0] as Graph;
    expect([...graph.nodes()].map((n) => n.op)).toEqual(['CAST', 'FULLY_CONNECTED', 'RELU', 'CAST']);
    expect(graph.outputs[0]?.dtype).toBe(dtype);
    expect(warnings).toEqual([`what the model computes in ${bits}-bit floats is computed in 32-bit ones`]);
  });
});

describe('zeros like a computed value', () => {
  const ops = (inputs: readonly string[], steps: readonly string[]) =>
    opsOf(inputs, [...steps, `ZerosLike(%${steps.length - 1})`]);

  it('do not need the value where its sizes are those of the inputs', () => {
    const lowered = ops(['float32[None,3]', 'float32[None,3]'], ['Tanh($0)', 'AddV2(%0, $0)']);
    expect(lowered).toEqual(['SHAPE', 'STRIDED_SLICE', 'PACK', 'FILL']);
  });

  it('do not need it where it is chosen by a comparison', () => {
    const steps = ['Less($0, int32[]=0)', 'AddV2($0, int32[]=9)', 'SelectV2(%0, %1, $0)'];
    expect(ops(['int32[None,3]'], steps)).toEqual(['SHAPE', 'STRIDED_SLICE', 'PACK', 'FILL']);
  });

  it('need it where two inputs may stretch one another', () => {
    const lowered = ops(['float32[None,3]', 'float32[None,3]'], ['AddV2($0, $1)']);
    expect(lowered).toEqual(['ADD', 'ZEROS_LIKE']);
  });
});

describe('non-maximum suppression', () => {
  it('suppresses no box by a threshold where scores decay', () => {
    const operands = '$0, $1, i32[]=5, float32[]=0.5, float32[]=0.1';
    const threshold = (sigma: number) => {
      const nodes = nodesOf(['float32[6,4]', 'float32[6]'], [`NonMaxSuppressionV5(${operands}, float32[]=${sigma})`]);
      return nodes.find((n) => n.op === 'NON_MAX_SUPPRESSION_V5')?.inputs[3]?.constant?.numbers();
    };
    expect(threshold(0)).toEqual([0.5]);
    // No overlap reaches it.
    expect(threshold(0.5)?.[0]).toBeGreaterThan(1);
  });
});
