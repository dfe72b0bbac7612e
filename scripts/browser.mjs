// Finds a Chromium that really starts, or installs one. Used by `npm test` for the browser tests.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { flags } from './chromium-flags.mjs';
import { run, runPackage, say } from './environment.mjs';

const candidates = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

async function starts(executablePath) {
  if (!executablePath || !existsSync(executablePath)) return false;
  try {
    const browser = await chromium.launch({ executablePath, args: flags, timeout: 60_000 });
    await browser.close();
    return true;
  } catch (error) {
    say(`${executablePath} does not start: ${String(error).split('\n')[0]}`);
    return false;
  }
}

/** The path of a working Chromium; installs one where none is found. Throws with the two commands that help. */
export async function findBrowser() {
  const own = chromium.executablePath();
  for (const candidate of [own, ...candidates]) if (await starts(candidate)) return candidate;
  say('no browser found; installing Chromium for the browser tests');
  runPackage('@playwright/test/cli.js', ['install', 'chromium']);
  if (await starts(own)) return own;
  const canInstall =
    process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('which', ['apt-get']).status === 0;
  if (canInstall && run('apt-get', ['update', '-qq'])) {
    const packages = ['chromium', 'fonts-liberation'];
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
      DEBIAN_FRONTEND: 'noninteractive',
    });
    if (await starts('/usr/bin/chromium')) return '/usr/bin/chromium';
  }
  throw new Error(
    'No Chromium could be started for the browser tests. Run "npx playwright install chromium", or install one and set CHROMIUM_PATH.',
  );
}
