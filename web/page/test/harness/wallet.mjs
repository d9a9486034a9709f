/** What a person does with the extension: sends the popup's messages, from a page of the extension. */

/** The password of all accounts here. */
export const PASSWORD = 'a password, for tests';

export class Wallet {
  /** Opens it in a Chromium that has the extension. */
  static async open(context) {
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
    const page = await context.newPage();
    await page.goto(new URL('/notification.html', worker.url()).href);
    return new Wallet(page);
  }

  constructor(page) {
    this.page = page;
  }

  /** Sends a message as the popup does. */
  ask(message, request) {
    return this.page.evaluate(([message, request]) => globalThis.ask(message, request), [message, request]);
  }

  /** Makes an account from a secret. */
  async add({ name, uri }) {
    await this.ask('pri(accounts.create.suri)', { name, suri: uri, password: PASSWORD, type: 'sr25519' });
  }

  async forget({ address }) {
    await this.ask('pri(accounts.forget)', { address });
  }

  /** The oldest request of a kind that waits for the user: `authorize`, `metadata` or `signing`. */
  async request(kind, timeout = 30_000) {
    await this.page.waitForFunction((kind) => globalThis.requests[kind].length > 0, kind, { timeout });
    return this.page.evaluate((kind) => globalThis.requests[kind][0], kind);
  }

  /** How many requests of a kind wait. */
  waiting(kind) {
    return this.page.evaluate((kind) => globalThis.requests[kind].length, kind);
  }

  /** Lets the page that is asking see these accounts. */
  async connect(accounts) {
    const { id } = await this.request('authorize');
    await this.ask('pri(authorize.approve)', { id, authorizedAccounts: accounts.map(({ address }) => address) });
  }

  /** Closes the request of a page to connect. */
  async cancelConnection() {
    const { id } = await this.request('authorize');
    await this.ask('pri(authorize.cancel)', id);
  }

  /** Lets a connected page see other accounts from now on. */
  async show(url, accounts) {
    const authorizedAccounts = accounts.map(({ address }) => address);
    await this.ask('pri(authorize.update)', { url: new URL(url).origin, authorizedAccounts });
  }

  /** What is to be signed. */
  async toSign(timeout) {
    return (await this.request('signing', timeout)).request.payload;
  }

  /** Signs the request that waits, and returns what it signed. */
  async sign({ remember = false } = {}) {
    const { id, request } = await this.request('signing');
    // The extension does not ask for a password that it remembers.
    const { isLocked } = await this.ask('pri(signing.isLocked)', { id });
    const password = isLocked ? PASSWORD : undefined;
    await this.ask('pri(signing.approve.password)', { id, password, savePass: remember });
    return request.payload;
  }

  /** Closes the request for a signature. */
  async refuse() {
    const { id } = await this.request('signing');
    await this.ask('pri(signing.cancel)', { id });
  }

  /** Closes everything that waits. */
  async clear() {
    const requests = await this.page.evaluate(() => globalThis.requests);
    for (const { id } of requests.authorize) await this.ask('pri(authorize.cancel)', id);
    for (const { id } of requests.signing) await this.ask('pri(signing.cancel)', { id });
  }
}
