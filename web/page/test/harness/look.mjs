/** Pictures of the page in a state, light and dark, wide and narrow; and axe, which finds barriers to people. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import axe from 'axe-core';

const folder = process.env.BTPOW_SCREENSHOTS ?? join(tmpdir(), 'btpow-page-screenshots');
const WIDE = { width: 1280, height: 900 };
const SIZES = { wide: WIDE, phone: { width: 390, height: 844 } };
/** Nothing may be wider than the narrowest screen, of which there is no picture. */
const NARROWEST = { width: 320, height: 800 };
/** Pixels that fingers need between two controls. */
const APART = 4;

/** Runs in the page: which controls touch each other, which buttons are the one to press, and what is cut off. */
function controls(apart) {
  const shown = [...document.querySelectorAll('button, select, summary, textarea, input:not([type=radio], [type=checkbox])')].filter(
    (element) => element.checkVisibility(),
  );
  const named = (element) => element.ariaLabel ?? (element.textContent.trim().slice(0, 30) || element.id);
  const touching = [];
  shown.forEach((one, index) => {
    const a = one.getBoundingClientRect();
    for (const other of shown.slice(index + 1)) {
      const b = other.getBoundingClientRect();
      const across = Math.max(a.left, b.left) - Math.min(a.right, b.right);
      const down = Math.max(a.top, b.top) - Math.min(a.bottom, b.bottom);
      if (across < apart && down < apart) touching.push(`${named(one)} and ${named(other)}`);
    }
  });
  const primary = shown.filter((element) => element.matches('button.main:not([aria-disabled])')).map(named);
  // A field may hold more than it shows.
  const cut = [...document.querySelectorAll('main :not(input, select, textarea, progress)')].filter(
    (element) => getComputedStyle(element).overflowX !== 'visible' && element.scrollWidth > element.clientWidth,
  );
  return { touching, primary, cut: cut.map(named) };
}

/** Takes the pictures; returns the faults in words. */
export async function look(page, name) {
  const faults = [];
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${size}.png`), fullPage: true });
      const { touching, primary, cut } = await page.evaluate(controls, APART);
      for (const pair of touching) faults.push(`${name}, ${size}: ${pair} touch`);
      for (const text of cut) faults.push(`${name}, ${size}: ${text} is cut off`);
      if (primary.length > 1) faults.push(`${name}: several buttons are the one to press: ${primary.join(', ')}`);
    }
    await page.setViewportSize(NARROWEST);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (overflow > 0) faults.push(`${name}, ${colorScheme}: ${overflow} pixels too wide`);
    // On the narrow page. The page's policy does not bind code that a debugger evaluates.
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const { id, help, nodes } of violations) {
      faults.push(`${name}, ${colorScheme}: ${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(WIDE);
  return faults;
}
