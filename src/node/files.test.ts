import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isTree } from '../bytes/source.js';
import { prepare, readModel } from '../formats/index.js';
import { openFile, openModel } from './files.js';

const fixture = JSON.parse(readFileSync(new URL('../../test/fixtures/keras/parts.json', import.meta.url), 'utf8'));

describe('a Keras model in two files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parts-'));
    writeFileSync(join(folder, 'net.json'), fixture.config);
    writeFileSync(join(folder, 'net.weights.h5'), Buffer.from(fixture.byClass, 'base64'));
    writeFileSync(join(folder, 'notes.txt'), 'of no use');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['net.weights.h5', 'net.json', '.'])('is read by the path %s', async (path) => {
    const input = openModel(join(folder, path));
    await prepare(input);
    expect(readModel(input).signatures[0]?.outputs.map((o) => o.name)).toEqual(['y']);
  });

  it('is those two files when it is opened by its configuration', () => {
    const input = openModel(join(folder, 'net.json'));
    expect(isTree(input) && input.list()).toEqual(['net.json', 'net.weights.h5']);
  });

  it('does not reach beyond its folder', () => {
    const file = openFile(join(folder, 'net.weights.h5'));
    expect(file.beside?.('net.json')?.name).toBe('net.json');
    expect(file.beside?.(join('..', folder.split('/').at(-1) ?? '', 'net.json'))).toBeUndefined();
  });
});
