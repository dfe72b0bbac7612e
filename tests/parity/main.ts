import { parseArgs } from 'node:util';
import { ownGoldens } from './bundled.ts';
import { Goldens } from './goldens.ts';
import { groups } from './groups.ts';
import { type ParityRow, rowsOf } from './parity-case.ts';
import { tableOf } from './table.ts';

const { values } = parseArgs({
  options: { fixtures: { type: 'string', default: ownGoldens }, json: { type: 'boolean', default: false } },
});

const rows = await compareAll(values.fixtures);
console.log(values.json ? JSON.stringify(rows, null, 2) : tableOf(rows));
const hasRun = rows.some(({ verdict }) => verdict === 'pass');
if (!hasRun)
  console.error(`Nothing in ${values.fixtures} agreed; expected a folder in the form of tests/goldens/README.md.`);
process.exitCode = hasRun && rows.every(({ verdict }) => verdict !== 'FAIL') ? 0 : 1;

async function compareAll(folder: string): Promise<ParityRow[]> {
  await using goldens = new Goldens(folder);
  const found: ParityRow[] = [];
  for (const group of groups) found.push(...(await rowsOf(group, goldens)));
  return found;
}
