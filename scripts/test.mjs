#!/usr/bin/env node
// `npm test`: everything. Types, lint, import rules, unit, property and golden tests, then the browser tests on the built pages.
import { build, install, requireNode, runPackage, say } from './environment.mjs';

requireNode();
install();

const failed = [];
function step(name, script, parameters, extra) {
  say(name);
  if (!runPackage(script, parameters, extra)) failed.push(name);
}

step('types', 'typescript/bin/tsc', ['--noEmit']);
step('lint', '@biomejs/biome/bin/biome', ['check', '.']);
step('unit, property and golden tests', 'vitest/vitest.mjs', ['run']);
build();
const { findBrowser } = await import('./browser.mjs');
const CHROMIUM_PATH = await findBrowser();
step('browser tests', '@playwright/test/cli.js', ['test'], { CHROMIUM_PATH });

if (failed.length > 0) {
  say(`failed: ${failed.join(', ')}`);
  process.exit(1);
}
say('all tests passed');
