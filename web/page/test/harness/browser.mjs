/** The browsers: Chromium, with or without the extension, and with or without a software GPU; Firefox; WebKitGTK. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, firefox } from 'playwright-core';
import { extension } from '../extension/build.mjs';
import { OwnWallet } from './own-wallet.mjs';
import { Wallet } from './wallet.mjs';
import { launchWebKit } from './webkit.mjs';

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FIREFOX = ['firefox-esr', 'firefox'];
const SOFTWARE_GPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
const viewport = { width: 1280, height: 900 };

/** The browsers in which the page is tried, by the names of {@link launch}. */
export const ENGINES = ['chromium', 'firefox', 'webkit'];

/** The path of a browser: what the variable of this name says, or the first of these programs. */
function executable(title, names, variable) {
  const paths = process.env.PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const path = process.env[variable] ?? paths.find((path) => existsSync(path));
  if (!path) throw new Error(`no ${title} found: install it, or set ${variable} to its path`);
  return path;
}

/**
 * Starts a browser with an empty profile: `{ context, wallet, guard, close }`. The wallet is the extension, which only Chromium
 * takes, or with `own` one that the test itself is; `guard` is a script for every page, where the browser tells of no faults.
 */
export async function launch({ engine = 'chromium', wallet = true, own = engine !== 'chromium', gpu = false } = {}) {
  const hasExtension = wallet && !own;
  const browser = await { chromium: () => launchChromium(hasExtension, gpu), firefox: launchFirefox, webkit: launchWebKit }[engine]();
  if (!wallet) return browser;
  return { ...browser, wallet: await (own ? OwnWallet.open() : Wallet.open(browser.context)) };
}

async function launchChromium(hasExtension, gpu) {
  const profile = mkdtempSync(join(tmpdir(), 'btpow-page-'));
  const args = ['--no-sandbox', ...(gpu ? SOFTWARE_GPU : [])];
  if (hasExtension) {
    const folder = await extension();
    args.push(`--load-extension=${folder}`, `--disable-extensions-except=${folder}`);
  }
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable('Chromium', CHROMIUM, 'BTPOW_CHROMIUM'),
    args,
    // Playwright switches extensions off.
    ignoreDefaultArgs: ['--disable-extensions'],
    viewport,
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
}

/** This machine's Firefox, by WebDriver BiDi: as users have it, and not the one that Playwright builds. */
async function launchFirefox() {
  const executablePath = executable('Firefox', FIREFOX, 'BTPOW_FIREFOX');
  const browser = await firefox.launch({ channel: 'moz-firefox', executablePath });
  return { context: await browser.newContext({ viewport }), close: () => browser.close() };
}
