import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.ts'],
    // Machines that are busy are slow; what hangs still ends.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'threads',
  },
});
