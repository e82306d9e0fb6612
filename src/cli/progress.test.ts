import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { counting } from './progress.js';

let written = '';
const { isTTY } = process.stderr;
beforeEach(() => {
  written = '';
  process.stderr.isTTY = true;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = isTTY;
});
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

it('a bar goes with the work that fails behind it, and keeps nothing alive', async () => {
  const before = timers();
  const failing = counting('measuring', 2, false, async (show) => {
    show(1, 5);
    throw new Error('broken');
  });
  await expect(failing).rejects.toThrow('broken');
  expect(written).toContain('measuring');
  expect(timers()).toBe(before);
});

it('a bar hides no cursor and breaks lines as before: it may be interrupted', async () => {
  await counting('measuring', 1, false, async (show) => show(1));
  expect(written).toContain('1 of 1');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals are told with
  expect(written).not.toMatch(/\x1b\[\?(25|7)l/);
});

it('there is no bar where nobody wants one', async () => {
  expect(await counting('measuring', 1, true, async () => 7)).toBe(7);
  expect(written).toBe('');
});
