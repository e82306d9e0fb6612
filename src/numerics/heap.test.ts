import { expect, it } from 'vitest';
import { Heap } from './heap.js';

it('items come out in order, whatever order they went in', () => {
  for (let seed = 1; seed < 40; seed++) {
    const numbers = Array.from({ length: seed }, (_, i) => (i * 7919 * seed) % 101);
    const heap = new Heap<number>((a, b) => a < b);
    for (const n of numbers) heap.push(n);
    const [least = 0] = [...numbers].sort((a, b) => a - b);
    expect([heap.first, heap.size]).toEqual([least, seed]);
    heap.replaceFirst(50);
    const rest = [...numbers, 50];
    rest.splice(rest.indexOf(least), 1);
    expect(Array.from(rest, () => heap.pop())).toEqual(rest.sort((a, b) => a - b));
    expect(heap.pop()).toBeUndefined();
  }
});
