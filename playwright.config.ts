import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { flags } from './scripts/chromium-flags.mjs';

// A server that runs already can be tested by its address; otherwise the built pages are started on an empty data folder.
const given = process.env.ARIA_URL;
const port = Number(process.env.E2E_PORT ?? 4391);
const baseURL = given ?? `http://127.0.0.1:${port}`;
// The config is read in every worker: only the first reading makes the folder.
process.env.E2E_DATA ??= mkdtempSync(path.join(tmpdir(), 'aria-e2e-'));

const executablePath = process.env.CHROMIUM_PATH;

export default defineConfig({
  testDir: 'tests/e2e',
  timeout: 120_000,
  expect: { timeout: 30_000 },
  // One machine computes for all tests.
  workers: 1,
  reporter: [['list']],
  outputDir: 'test-results',
  use: {
    actionTimeout: 30_000,
    baseURL,
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    launchOptions: { args: flags, ...(executablePath && { executablePath }) },
  },
  ...(given === undefined && {
    webServer: {
      command: `node node_modules/next/dist/bin/next start -p ${port} -H 127.0.0.1`,
      url: `${baseURL}/health`,
      timeout: 180_000,
      env: { ARIA_DATA: process.env.E2E_DATA, NEXT_TELEMETRY_DISABLED: '1' },
    },
  }),
});
