/** Chromium, with or without the extension, and with or without a software GPU. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { extension } from '../extension/build.mjs';
import { Wallet } from './wallet.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

function executable() {
  const paths = process.env.PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const path = process.env.BTPOW_CHROMIUM ?? paths.find((path) => existsSync(path));
  if (!path) throw new Error('no Chromium found: install it, or set BTPOW_CHROMIUM to its path');
  return path;
}

/** Starts Chromium with an empty profile: `{ context, wallet, close }`. */
export async function launch({ wallet = true, gpu = false } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'btpow-page-'));
  const args = ['--no-sandbox', ...(gpu ? SOFTWARE_GPU : [])];
  if (wallet) {
    const folder = await extension();
    args.push(`--load-extension=${folder}`, `--disable-extensions-except=${folder}`);
  }
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable(),
    args,
    // Playwright switches extensions off.
    ignoreDefaultArgs: ['--disable-extensions'],
    viewport: { width: 1280, height: 900 },
  });
  return {
    context,
    wallet: wallet ? await Wallet.open(context) : undefined,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
