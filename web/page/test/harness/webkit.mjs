/**
 * WebKitGTK's MiniBrowser, by WebDriver: as much of Playwright's interface as the visitor and the tests for all browsers use, since
 * Playwright drives no WebKit but its own. Testing Library finds things by their roles and names, in the page.
 */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Builder } from 'selenium-webdriver';

const FINDER = readFileSync(createRequire(import.meta.url).resolve('@testing-library/dom/dist/@testing-library/dom.umd.min.js'), 'utf8');

/** Milliseconds between two looks at a page for which a test waits. */
const LOOK = 50;

/** How often a press may miss what it is for. */
const TRIES = 20;

/** Where Debian and others put the browser. */
function miniBrowser() {
  const libraries = ['/usr/lib', `/usr/lib/${{ x64: 'x86_64', arm64: 'aarch64' }[process.arch]}-linux-gnu`, '/usr/libexec'];
  const folders = libraries.filter(existsSync).flatMap((place) =>
    readdirSync(place).filter((name) => /^webkit2?gtk-/.test(name)).map((name) => join(place, name, 'MiniBrowser')),
  );
  const path = process.env.BTPOW_MINIBROWSER ?? folders.find((path) => existsSync(path));
  if (!path) throw new Error('no MiniBrowser of WebKitGTK found: install webkit2gtk-driver, or set BTPOW_MINIBROWSER to its path');
  return path;
}

/** Starts a program, and ends it with this process at the latest. */
function start(program, options, extra = {}) {
  const child = spawn(program, options, { stdio: ['ignore', 'ignore', 'ignore'], ...extra });
  const failed = new Promise((_, reject) => child.once('error', (error) => reject(new Error(`${program} does not start: ${error.message}`))));
  failed.catch(() => {});
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  const end = async () => {
    child.kill();
    await ended;
    process.off('exit', kill);
  };
  return { child, failed, end };
}

/** A screen in memory; `{ display, end }`. It says its number once it is ready. */
async function screen() {
  const { child, failed, end } = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1100x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = new Promise((resolve, reject) => {
    child.stdio[3].once('data', (data) => resolve(String(data).trim()));
    child.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
  });
  return { display: `:${await Promise.race([number, failed])}`, end };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** WebDriver tells of no faults: the page remembers them until somebody asks. */
const GUARD = `
  globalThis.faults = [];
  addEventListener('error', ({ error, message }) => globalThis.faults.push(error?.stack ?? message));
  addEventListener('unhandledrejection', ({ reason }) => globalThis.faults.push(reason?.stack ?? String(reason)));
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    globalThis.faults.push(\`Content Security Policy: \${violatedDirective}, \${blockedURI}\`));`;

/** Starts the browser: `{ context, guard, close }`. */
export async function launchWebKit() {
  const { display, end: endScreen } = await screen();
  const port = await freePort();
  const driver = start('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
    env: { ...process.env, DISPLAY: display, WEBKIT_DISABLE_DMABUF_RENDERER: '1', LIBGL_ALWAYS_SOFTWARE: '1' },
  });
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => {
    while (!(await fetch(`${url}/status`).then(() => true, () => false))) await new Promise((resolve) => setTimeout(resolve, LOOK));
  };
  await Promise.race([ready(), driver.failed]);
  const session = await new Builder()
    .disableEnvironmentOverrides()
    .usingServer(url)
    .withCapabilities({ browserName: 'MiniBrowser', 'webkitgtk:browserOptions': { binary: miniBrowser(), args: ['--automation'] } })
    .build();
  const context = new Context(session, await session.getWindowHandle());
  return {
    context,
    guard: GUARD,
    close: async () => {
      await session.quit();
      await driver.end();
      await endScreen();
    },
  };
}

class Context {
  constructor(session, home) {
    Object.assign(this, { session, home });
  }

  /** The window with which the session began stays: without any the session ends. */
  async newPage() {
    await this.session.switchTo().window(this.home);
    await this.session.switchTo().newWindow('window');
    const page = new Page(this, await this.session.getWindowHandle());
    await page.setViewportSize({ width: 1280, height: 900 });
    return page;
  }
}

/** What finds nodes; see {@link find}. */
class Finder {
  constructor(page, steps) {
    Object.assign(this, { page, steps });
  }

  #with(step) {
    return new Locator(this.page, [...this.steps, step]);
  }

  locator(css) {
    return this.#with({ css });
  }

  getByRole(role, { name, exact = false } = {}) {
    return this.#with({ role, name: pattern(name, exact) });
  }

  getByText(text, { exact = false } = {}) {
    return this.#with({ text: pattern(text, exact) });
  }

  getByLabel(label, { exact = false } = {}) {
    return this.#with({ label: pattern(label, exact) });
  }

  filter({ hasText }) {
    return this.#with({ hasText: pattern(hasText, false) });
  }

  or(other) {
    return this.#with({ or: other.steps });
  }

  nth(index) {
    return this.#with({ nth: index });
  }

  first() {
    return this.nth(0);
  }
}

/** A text as a regular expression, which travels as its two parts: part of the text in any case, unless `exact`. */
function pattern(text, exact) {
  if (text === undefined) return undefined;
  if (text instanceof RegExp) return [text.source, text.flags];
  const quoted = text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return exact ? [`^${quoted}$`, ''] : [quoted, 'i'];
}

/** Runs in the page: the nodes to which the steps lead. */
function find(steps) {
  const { queryAllByRole, queryAllByText, queryAllByLabelText } = globalThis.TestingLibraryDom;
  const regular = (parts) => parts && new RegExp(...parts);
  const text = (node) => node.textContent.replace(/\s+/g, ' ').trim();
  let nodes = [document.documentElement];
  for (const { css, role, name, text: words, label, hasText, or, nth } of steps) {
    const each = (of) => [...new Set(nodes.flatMap((node) => [...of(node)]))];
    if (css) nodes = each((node) => node.querySelectorAll(css));
    else if (role) nodes = each((node) => queryAllByRole(node, role, { name: regular(name) }));
    else if (words) nodes = each((node) => queryAllByText(node, regular(words)));
    else if (label) nodes = each((node) => queryAllByLabelText(node, regular(label)));
    else if (hasText) nodes = nodes.filter((node) => regular(hasText).test(text(node)));
    else if (or) nodes = [...nodes, ...find(or)];
    else nodes = nodes.slice(nth, nth + 1);
  }
  return nodes;
}

class Page extends Finder {
  #patience = 30_000;
  #heard;

  constructor(context, handle) {
    super(undefined, []);
    Object.assign(this, { page: this, browser: context, handle });
  }

  context() {
    return this.browser;
  }

  /** Of all that Playwright tells, only the errors. */
  on(event, listener) {
    if (event === 'pageerror') this.#heard = listener;
  }

  async #tell() {
    const faults = await this.evaluate(() => globalThis.faults?.splice(0) ?? []);
    for (const stack of faults) this.#heard?.({ stack });
  }

  setDefaultTimeout(milliseconds) {
    this.#patience = milliseconds;
  }

  /** The session, at this page. */
  async session() {
    const { session } = this.browser;
    await session.switchTo().window(this.handle);
    return session;
  }

  async goto(url) {
    await (await this.session()).get(url);
  }

  async reload() {
    await this.#tell();
    await (await this.session()).navigate().refresh();
  }

  async close() {
    await this.#tell();
    await (await this.session()).close();
  }

  async title() {
    return (await this.session()).getTitle();
  }

  /** The value of a function with this argument, in the page; a promise's, if it is one. */
  async evaluate(code, argument) {
    const session = await this.session();
    const outcome = await session.executeAsyncScript(
      `const [argument, done] = arguments;
       (async () => (${code})(argument))().then((value) => done({ value }), (error) => done({ error: String(error) }));`,
      argument ?? null,
    );
    if (outcome.error !== undefined) throw new Error(outcome.error);
    return outcome.value ?? undefined;
  }

  async setViewportSize({ width, height }) {
    const session = await this.session();
    const inner = () => session.executeScript('return [innerWidth, innerHeight]');
    const rect = await session.manage().window().getRect();
    const [wide, high] = await inner();
    await session.manage().window().setRect({ width: rect.width + width - wide, height: rect.height + height - high });
  }

  async screenshot({ path }) {
    writeFileSync(path, await (await this.session()).takeScreenshot(), 'base64');
  }

  /** Gives `code` the nodes to which the steps lead, in the page, and returns its value. */
  async ask(steps, code, argument) {
    const session = await this.session();
    return session.executeScript(
      `if (!globalThis.TestingLibraryDom) { ${FINDER}\n }
       return (${code})((${find})(arguments[0]), arguments[1]);`,
      steps,
      argument ?? null,
    );
  }

  /** Waits until `code` gives anything for the nodes but `null`, and returns that. */
  async until(steps, code, what, argument) {
    const end = performance.now() + this.#patience;
    for (;;) {
      const value = await this.ask(steps, code, argument);
      if (value !== null) return value;
      if (performance.now() > end) throw new Error(`${what} never came: ${JSON.stringify(steps)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }
}

class Locator extends Finder {
  #one(code, argument) {
    return this.page.until(this.steps, `(nodes, argument) => nodes.length === 0 ? null : [(${code})(nodes[0], argument)]`, 'it', argument);
  }

  async #value(code, argument) {
    return (await this.#one(code, argument))[0];
  }

  async count() {
    return this.page.ask(this.steps, (nodes) => nodes.length);
  }

  async waitFor({ state = 'visible' } = {}) {
    const wanted = state === 'visible' ? (nodes) => (nodes.some((node) => node.checkVisibility()) ? true : null) : (nodes) => (nodes.length === 0 ? true : null);
    await this.page.until(this.steps, wanted, state);
  }

  async isVisible() {
    return this.page.ask(this.steps, (nodes) => nodes.some((node) => node.checkVisibility()));
  }

  isEnabled() {
    return this.#value((node) => !node.matches(':disabled, [aria-disabled="true"]'));
  }

  isChecked() {
    return this.#value((node) => node.checked);
  }

  innerText() {
    return this.#value((node) => node.innerText);
  }

  inputValue() {
    return this.#value((node) => node.value);
  }

  getAttribute(name) {
    return this.#value((node, name) => node.getAttribute(name), name);
  }

  /** As a person does: at its place on the screen, once it can be pressed; again, if it moved away before the press came. */
  async click() {
    const ready = (nodes) => {
      const node = nodes.find((node) => node.checkVisibility() && !node.matches(':disabled, [aria-disabled="true"]'));
      if (!node) return null;
      globalThis.pressed = false;
      node.addEventListener('click', () => (globalThis.pressed = true), { once: true, capture: true });
      return node;
    };
    for (let tries = 0; tries < TRIES; tries += 1) {
      await (await this.page.until(this.steps, ready, 'a control to press')).click();
      if ((await this.page.evaluate(() => globalThis.pressed)) !== false) return;
    }
    throw new Error(`no press arrives: ${JSON.stringify(this.steps)}`);
  }

  async check() {
    if (!(await this.isChecked())) await this.click();
  }

  async fill(text) {
    const [field] = await this.#one((node) => node);
    await field.clear();
    await field.sendKeys(text);
  }

  async selectOption(value) {
    await this.#value((node, value) => {
      node.value = value;
      node.dispatchEvent(new Event('change', { bubbles: true }));
    }, value);
  }
}
