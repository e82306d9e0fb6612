import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ModelError } from '../errors.js';
import { writeFolderAtomically } from './write-folder.js';

const root = mkdtempSync(join(tmpdir(), 'folder-'));
afterAll(() => rmSync(root, { recursive: true }));
const file = (path: string, byte: number) => ({ path, bytes: Uint8Array.of(byte) });
const isOurs = (name: string) => name.endsWith('.bin');

it('writes a folder, and replaces one that it wrote', () => {
  const out = join(root, 'new/model');
  expect(writeFolderAtomically(out, [file('a.bin', 1), file('b.bin', 2)], isOurs)).toBe(2);
  writeFolderAtomically(out, [file('a.bin', 3)], isOurs);
  expect(readdirSync(out)).toEqual(['a.bin']);
  expect(readFileSync(join(out, 'a.bin'))[0]).toBe(3);
  expect(readdirSync(join(root, 'new'))).toEqual(['model']);
});

it('leaves a folder with other files alone', () => {
  writeFileSync(join(root, 'notes.txt'), 'mine');
  expect(() => writeFolderAtomically(root, [], isOurs)).toThrow(/a new or empty folder expected, it holds/);
});

it('leaves nothing behind when making the files fails', () => {
  function* failing() {
    yield file('a.bin', 1);
    throw new ModelError('unsupported', 'no');
  }
  const out = join(root, 'kept');
  writeFolderAtomically(out, [file('a.bin', 9)], isOurs);
  expect(() => writeFolderAtomically(out, failing(), isOurs)).toThrow('no');
  expect(readFileSync(join(out, 'a.bin'))[0]).toBe(9);
  expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
});
