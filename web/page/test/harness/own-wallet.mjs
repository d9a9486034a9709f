/**
 * A wallet for browsers that load no extension of Chromium's: it injects itself the way polkadot{.js} does, and asks the test, which
 * holds the keys and signs with polkadot.js's own packages. A test drives it as it drives the extension.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packages } from '../extension/build.mjs';

/** As long as the visitor waits. */
const PATIENCE = 30_000;

/** The extensions of Subtensor that polkadot.js does not know, none of which adds anything to what is signed. */
const OWN = Object.fromEntries(
  ['SudoTransactionExtension', 'CheckShieldedTxValidity', 'SubtensorTransactionExtension', 'DrandPriority'].map((name) => [
    name, { extrinsic: {}, payload: {} },
  ]),
);

/** Runs in the page: every question goes to the test, through the page's own host. */
const INJECTED = `
  {
    const ask = async (question) => {
      const response = await fetch('./answer', { method: 'POST', body: JSON.stringify(question) });
      const { error, answer } = await response.json();
      if (error !== undefined) throw new Error(error);
      return answer;
    };
    globalThis.injectedWeb3 = { ...globalThis.injectedWeb3, 'polkadot-js': { version: '1', enable: async () => {
      const accounts = await ask({ kind: 'authorize' });
      return {
        accounts: { get: async () => accounts, subscribe: () => {} },
        signer: { signPayload: (payload) => ask({ kind: 'signing', payload }) },
      };
    } } };
  }`;

export class OwnWallet {
  /** What waits for the user, the oldest first. */
  #requests = { authorize: [], signing: [] };
  #arrived = { authorize: [], signing: [] };
  #accounts = [];

  static async open() {
    const require = createRequire(join(await packages(), 'package.json'));
    const { Keyring } = require('@polkadot/keyring');
    const { TypeRegistry } = require('@polkadot/types');
    await require('@polkadot/util-crypto').cryptoWaitReady();
    const wallet = new OwnWallet();
    wallet.keyring = new Keyring({ type: 'sr25519' });
    wallet.registry = new TypeRegistry();
    return wallet;
  }

  /** What the host of a page that has this wallet serves and answers. A host's page is asked about once. */
  hosting() {
    let shared;
    const answer = async ({ kind, payload }) => {
      if (kind === 'authorize' && shared) return { answer: shared };
      const reply = await new Promise((resolve) => {
        this.#requests[kind].push({ payload, resolve });
        this.#arrived[kind].shift()?.();
      });
      if (kind === 'authorize') shared = reply.answer;
      return reply;
    };
    return { script: INJECTED, answer };
  }

  async add(account) {
    this.#accounts.push(account);
  }

  async #next(kind) {
    if (this.#requests[kind].length === 0) {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`the page does not ask the wallet: ${kind}`)), PATIENCE);
        this.#arrived[kind].push(() => (clearTimeout(timer), resolve()));
      });
    }
    return this.#requests[kind][0];
  }

  async #answer(kind, reply) {
    const { payload, resolve } = await this.#next(kind);
    this.#requests[kind].shift();
    resolve(reply);
    return payload;
  }

  waiting(kind) {
    return this.#requests[kind].length;
  }

  /** Lets the page that is asking see these accounts. */
  async connect(accounts) {
    await this.#answer('authorize', { answer: accounts.map(({ address, name }) => ({ address, name, type: 'sr25519' })) });
  }

  async cancelConnection() {
    await this.#answer('authorize', { error: 'Cancelled' });
  }

  /** What is to be signed. */
  async toSign() {
    return (await this.#next('signing')).payload;
  }

  /** Signs the request that waits, and returns what it signed. */
  async sign() {
    const payload = await this.toSign();
    const { uri } = this.#accounts.find(({ address }) => address === payload.address);
    this.registry.setSignedExtensions(payload.signedExtensions, OWN);
    const { signature } = this.registry
      .createType('ExtrinsicPayload', payload, { version: payload.version })
      .sign(this.keyring.createFromUri(uri));
    return this.#answer('signing', { answer: { id: 1, signature } });
  }

  /** Closes the request for a signature. */
  async refuse() {
    await this.#answer('signing', { error: 'Cancelled' });
  }

  /** Closes everything that waits. */
  async clear() {
    for (const kind of Object.keys(this.#requests)) {
      for (const { resolve } of this.#requests[kind].splice(0)) resolve({ error: 'Cancelled' });
    }
  }
}
