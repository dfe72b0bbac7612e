#!/usr/bin/env node
// `npm run check`: types, lint, import rules and the quick tests. The subset to run before every commit.
import { install, requireNode, runPackage, say } from './environment.mjs';

requireNode();
install();
const steps = [
  ['types', 'typescript/bin/tsc', ['--noEmit']],
  ['lint', '@biomejs/biome/bin/biome', ['check', '.']],
  [
    'import rules and quick tests',
    'vitest/vitest.mjs',
    ['run', 'tests/architecture.test.ts', 'tests/nodes', 'tests/engine'],
  ],
];
for (const [name, script, parameters] of steps) {
  say(name);
  if (!runPackage(script, parameters)) process.exit(1);
}
say('check passed');
