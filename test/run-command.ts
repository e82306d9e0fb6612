import { vi } from 'vitest';
import { main } from '../src/cli/main.js';

/** Runs `tersor` in this process; gives its exit code and what it writes. */
export async function runCommand(...args: readonly string[]) {
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      texts[stream] += text;
      return true;
    }),
  );
  try {
    return { code: await main([...args]), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
