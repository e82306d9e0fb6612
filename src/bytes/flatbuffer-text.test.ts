import { expect, it } from 'vitest';
import { enumOf, tablesOf, unionOf } from './flatbuffer-text.js';

it('names of an enum are numbered from 0 on, or from the number that one of them has', () => {
  expect(enumOf(1, 'A B=5 C D=2')).toEqual({ size: 1, values: { A: 0, B: 5, C: 6, D: 2 } });
});

it('fields have kinds by their types, slots in order, and their usual defaults', () => {
  const enums = { Color: enumOf(1, 'RED BLUE') };
  const unions = { Shape: unionOf('Square Circle') };
  expect(unions.Shape).toEqual({ Square: [1, 'Square'], Circle: [2, 'Circle'] });
  const { Empty, Thing } = tablesOf(
    enums,
    unions,
    `
Empty:
Thing:size int32=-1,wide int64,on bool=true,old float32!,color Color=BLUE,tint Color,shape Shape,name string,parts [Empty],bytes [uint8]^16
`,
  );
  expect(Empty).toEqual([]);
  expect(Thing).toEqual([
    { name: 'size', slot: 0, kind: 'scalar', type: 'int32', default: -1 },
    { name: 'wide', slot: 1, kind: 'scalar', type: 'int64', default: 0n },
    { name: 'on', slot: 2, kind: 'scalar', type: 'bool', default: true },
    { name: 'old', slot: 3, kind: 'scalar', type: 'float32' },
    { name: 'color', slot: 4, kind: 'enum', type: 'Color', default: 'BLUE' },
    { name: 'tint', slot: 5, kind: 'enum', type: 'Color', default: 'RED' },
    { name: 'shape', slot: 7, kind: 'union', type: 'Shape', typeSlot: 6 },
    { name: 'name', slot: 8, kind: 'string', type: 'string' },
    { name: 'parts', slot: 9, kind: 'tables', type: 'Empty' },
    { name: 'bytes', slot: 10, kind: 'scalars', type: 'uint8', align: 16 },
  ]);
});
