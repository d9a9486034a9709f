/** Pictures of the page in a state, light and dark, wide and narrow; and axe, which finds barriers to people. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import axe from 'axe-core';

const folder = process.env.BTPOW_SCREENSHOTS ?? join(tmpdir(), 'btpow-page-screenshots');
const WIDE = { width: 1280, height: 900 };
const SIZES = { wide: WIDE, narrow: { width: 320, height: 800 } };

/** Takes the pictures; returns the serious faults in words. */
export async function look(page, name) {
  const faults = [];
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${size}.png`), fullPage: true });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (overflow > 0) faults.push(`${name}, ${colorScheme}, ${size}: ${overflow} pixels too wide`);
    }
    // On the narrow page. The page's policy does not bind code that a debugger evaluates.
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const { id, help, impact, nodes } of violations) {
      if (!['serious', 'critical'].includes(impact)) continue;
      faults.push(`${name}, ${colorScheme}: ${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(WIDE);
  return faults;
}
