import { describe, expect, it } from 'vitest';
import { operators } from '../../../schema/tensorflow.gen.js';
import { findOp } from './op-registry.js';

describe('findOp', () => {
  it('knows arguments, attributes with defaults, and flags', () => {
    expect(findOp('ConcatV2')).toMatchObject({
      inputs: [
        { name: 'values', typeAttr: 'T', numberAttr: 'N' },
        { name: 'axis', typeAttr: 'Tidx' },
      ],
      outputs: [{ name: 'output', typeAttr: 'T' }],
      stateful: false,
      flex: true,
    });
    const conv = findOp('Conv2D');
    expect(conv?.attrs.get('strides')).toEqual({ type: 'list(int)' });
    expect(conv?.attrs.get('dilations')?.default).toEqual({
      kind: 'list',
      value: [1, 1, 1, 1].map((value) => ({ kind: 'int', value })),
    });
    expect(new TextDecoder().decode(conv?.attrs.get('data_format')?.default?.value as Uint8Array)).toBe('NHWC');
    expect(findOp('While')).toMatchObject({ inputs: [{ name: 'input', listAttr: 'T' }], stateful: true });
    expect(findOp('Shape')?.attrs.get('out_type')?.default).toEqual({ kind: 'type', value: 'i32' });
  });

  it('reads every line of the registry', () => {
    const names = operators.split('\n').map((line) => line.slice(0, line.indexOf('\t')));
    expect(names.length).toBeGreaterThan(1000);
    for (const name of names) expect(findOp(name)?.name).toBe(name);
  });

  it('is undefined for what is not there', () => {
    expect(findOp('constructor')).toBeUndefined();
    expect(findOp('MyOp')).toBeUndefined();
  });
});
