/** Starts the page: reads the choices from the last visit and the address, and notices when the machine has slept. */

import { render } from 'preact';
import { App } from './app.ts';
import { Herald } from './herald.ts';
import { loadSettings } from './settings.ts';
import { keepFocus } from './ui/focus.ts';
import { Page } from './ui/page.tsx';
import { summary } from './ui/summary.ts';

/** Milliseconds between two looks at the clock, and how many more must pass to count as a sleep. */
const LOOK = 5_000;
const SLEPT = 15_000;

const root = document.querySelector('#page') as HTMLElement;
const { title } = document;
const herald = new Herald();
let drawn = false;

const app = new App(loadSettings(), (app) => {
  const { model } = app;
  // Until here the page says what to do if this never runs.
  if (!drawn) root.replaceChildren();
  drawn = true;
  render(<Page app={app} />, root);
  keepFocus(root);
  // The title tells a visitor who waits in another tab.
  document.title = model.running || model.result || model.subnets ? `${summary(model)} – btpow` : title;
  herald.look(model);
});
app.begin();

const wake = (): void => app.wake();
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) wake();
});
document.addEventListener('resume', wake);
window.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) wake();
});
window.addEventListener('online', wake);
let looked = Date.now();
setInterval(() => {
  const now = Date.now();
  if (now - looked > LOOK + SLEPT) wake();
  looked = now;
}, LOOK);
