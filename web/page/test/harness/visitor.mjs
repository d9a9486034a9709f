/** A person on the page, who finds things by their roles and names, and reads them. */

import assert from 'node:assert/strict';
import { serve } from './server.mjs';
import { look } from './look.mjs';

/** Long enough for a busy machine, short enough to wait for a failure. */
const PATIENCE = 30_000;

const LOOPBACK = ['127.0.0.1', 'localhost'];

export class Visitor {
  /**
   * Opens the page from its own host, so that it remembers nothing of earlier visits. `endpoint`,
   * `netuid`, `hotkey` and `devices` are what its URL presets. With `clock` the test can move the page's time;
   * `script` runs before anything else. The visitor accepts the endpoint at once, unless `undecided`.
   */
  static async visit({ context, wallet, guard }, preset = {}, { clock = false, script, undecided = false, ...hosting } = {}) {
    const { script: injection, answer } = wallet?.hosting?.() ?? {};
    const scripts = [guard, script, injection].filter(Boolean);
    const server = await serve({ ...hosting, answer, script: scripts.length > 0 ? scripts.join('\n') : undefined });
    const parameters = Object.entries(preset).filter(([, value]) => value !== undefined);
    const url = `${server.url}?${new URLSearchParams(parameters)}`;
    const visitor = new Visitor(await context.newPage(), wallet, url, server);
    // The test can then move its time on.
    if (clock) await visitor.page.clock.install();
    await visitor.page.goto(url);
    if (preset.endpoint !== undefined && !undecided) await visitor.button('Connect').click();
    return visitor;
  }

  constructor(page, wallet, url, server) {
    Object.assign(this, { page, wallet, url, server });
    page.setDefaultTimeout(PATIENCE);
    /** What must not happen, however the visit goes. */
    this.faults = [];
    const goesTo = (address) => {
      const { protocol, hostname } = new URL(address);
      const elsewhere = ['http:', 'https:', 'ws:', 'wss:'].includes(protocol) && !LOOPBACK.includes(hostname);
      if (elsewhere) this.faults.push(`a request to ${address}`);
    };
    page.on('request', (request) => goesTo(request.url()));
    page.on('websocket', (socket) => goesTo(socket.url()));
    page.on('pageerror', (error) => this.faults.push(error.stack));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) this.faults.push(message.text());
    });
  }

  /** Another tab of the same page. */
  async anotherTab() {
    const visitor = new Visitor(await this.page.context().newPage(), this.wallet, this.url);
    await visitor.page.goto(this.url);
    return visitor;
  }

  /** Leaves the page; nothing may have gone wrong on it. */
  async leave() {
    await this.page.close();
    await this.server?.close();
    assert.deepEqual(this.faults, []);
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  /** A step of the page, by its title. */
  card(title) {
    return this.page.getByRole('region', { name: title, exact: true });
  }

  /** Waits for one of the values of `data-state`. */
  async state(...names) {
    const main = names.map((name) => `main[data-state="${name}"]`).join(', ');
    try {
      await this.page.locator(main).waitFor();
    } catch {
      const text = await this.page.locator('main').innerText();
      const state = await this.page.locator('main').getAttribute('data-state');
      throw new Error(`the page is at ${state}, not at ${names.join(' or ')}:\n${text}`);
    }
  }

  /** Waits until the page shows a text, of which a string may be a part. */
  async says(text, within = this.page.locator('main')) {
    try {
      await within.getByText(text).first().waitFor();
    } catch {
      throw new Error(`the page does not say ${text}:\n${await within.innerText()}`);
    }
  }

  /** Waits until the page says what is wrong, where screen readers announce it at once. */
  async complains(text) {
    try {
      await this.page.getByRole('alert').filter({ hasText: text }).first().waitFor();
    } catch {
      throw new Error(`nothing on the page warns ${text}:\n${await this.page.locator('main').innerText()}`);
    }
  }

  /** Waits for a line of the log. */
  async logs(text) {
    await this.says(text, this.page.getByRole('log'));
  }

  async status() {
    return this.page.getByRole('status').innerText();
  }

  /** One of the figures or facts. */
  value(name) {
    return this.page.locator(`[data-value="${name}"]`).innerText();
  }

  /** Connects the wallet, which shares these accounts; a single one becomes the coldkey. */
  async connect(...accounts) {
    await this.button('Connect polkadot{.js}').click();
    await this.wallet.connect(accounts);
    if (accounts.length > 1) await this.coldkey(accounts[0]);
  }

  /** Connects a wallet that knows the page and does not ask again; the page may connect it by itself. */
  async reconnect() {
    const connect = this.button('Connect polkadot{.js}');
    const coldkey = this.page.getByLabel('Coldkey', { exact: true });
    await connect.or(coldkey).first().waitFor();
    if (await connect.isVisible()) await connect.click();
    await coldkey.waitFor();
  }

  async coldkey({ name }) {
    const select = this.page.getByLabel('Coldkey', { exact: true });
    const option = select.locator('option', { hasText: name });
    await select.selectOption(await option.getAttribute('value'));
  }

  async start() {
    await this.button(/^Start mining/).click();
  }

  /** From choosing to a proof. */
  async mine(coldkey) {
    await this.connect(coldkey);
    await this.state('ready');
    await this.start();
    await this.state('proof');
  }

  /** Presses the button as soon as it is enabled. */
  async askWallet() {
    await this.button('Sign and register').click();
    await this.state('signing');
  }

  /** Waits until the pool has received this many submissions: the next block may hold one. */
  async submitted(times = 1) {
    const lines = this.page.getByRole('log').getByText('Submitted. Waiting for a block.');
    await lines.nth(times - 1).waitFor();
    await this.state('submitted');
  }

  /** Looks at the page as it is now: takes pictures, and finds what keeps people from using it. */
  async look(name) {
    this.faults.push(...(await look(this.page, name)));
  }
}
