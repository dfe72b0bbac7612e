import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.{ts,tsx}', 'tests/**/*.test-d.ts'],
    exclude: ['tests/e2e/**', 'node_modules/**'],
    // Networks and databases start slowly on a busy machine; a hang still ends.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Child processes keep a crash in native code from taking the other tests with it.
    pool: 'forks',
    maxWorkers: 2,
  },
});
