/** Test chains: the program of `cargo xtask devnet`, and the methods with which a test drives them. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { ITEMS, accountKey } from './keys.mjs';

const clone = fileURLToPath(new URL('../../../../', import.meta.url));

/** A difficulty that takes a few tenths of a second. */
export const EASY = 50_000;
/** A difficulty that nobody meets in a test. */
export const HARD = 1_000_000_000_000_000n;

/** What must stop before this process ends, however it ends. */
const running = new Map();
process.on('exit', () => {
  // There is no time to ask nicely: its child processes end with it.
  for (const child of running.keys()) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, async () => {
    await Promise.all([...running.values()].map((stop) => stop()));
    process.exit(process.exitCode ?? 1);
  });
}

/** Starts a chain. Only `block` makes its blocks, unless there is a `blockTime`. */
export async function startChain({ variant = 'v1', difficulty = EASY, blockTime } = {}) {
  const options = ['--port', '0', '--variant', variant, '--difficulty', `${difficulty}`];
  const chain = await run([...options, '--block-time', blockTime ?? '86400s'], () => {});
  // The timer makes a block when it starts, and the next one a day later.
  if (!blockTime) await chain.reset();
  return chain;
}

/** Starts a chain with these options of `cargo xtask devnet`; `log` gets each line that it prints. */
export async function run(options, log) {
  const [program, ...first] = process.env.BTPOW_DEVNET ? [process.env.BTPOW_DEVNET] : ['cargo', 'xtask', 'devnet'];
  const child = spawn(program, [...first, ...options], { cwd: clone, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve)).then(() => running.delete(child));
  running.set(child, () => (child.kill(), ended));
  child.once('error', (error) => console.error(error.message));
  const endpoint = await new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      log(line);
      if (line.startsWith('ws://')) resolve(line);
    });
    lines.once('close', () => reject(new Error('the test chain did not start')));
  });
  const client = await connect(endpoint);
  return new Chain(endpoint, client, async () => {
    client.close();
    await running.get(child)?.();
  });
}

class Chain {
  constructor(endpoint, client, stop) {
    Object.assign(this, { endpoint, stop });
    this.rpc = (method, ...params) => client.request(method, params);
  }

  /** Makes `count` blocks; returns the number of the last. */
  async block(count = 1) {
    await this.rpc('dev_newBlock', { count });
    return this.height();
  }

  async height() {
    return Number((await this.rpc('chain_getHeader')).number);
  }

  /** Makes an earlier block the newest: the ones after it will be others. */
  setHead(number) {
    return this.rpc('devnet_setHead', number);
  }

  /** Goes back to a chain that has seen nothing, and makes no blocks by itself. */
  async reset() {
    await this.rpc('devnet_pauseBlocks');
    await this.setHead(1);
    // Whatever a test sets goes into the state of this block, not of the one that all tests begin with.
    await this.block();
  }

  /** Changes items of the newest block's state, and announces nothing: `set('Difficulty', [1], 7n)`. */
  set(name, path, value) {
    const item = ITEMS[name];
    return this.rpc('dev_setStorage', [[item.key(...path), value === undefined ? null : item.enc(value)]]);
  }

  /** An item of the newest block's state. */
  async get(name, path) {
    const item = ITEMS[name];
    const value = await this.rpc('state_getStorage', item.key(...path));
    return value === null ? undefined : item.dec(value);
  }

  uid(netuid, { address }) {
    return this.get('Uids', [netuid, address]);
  }

  owner({ address }) {
    return this.get('Owner', [address]);
  }

  /** Removes an account with everything in it: a registration needs no money. */
  impoverish(account) {
    return this.rpc('dev_setStorage', [[accountKey(account), null]]);
  }

  /** What an account has in rao, and how much it has sent. */
  async account(account) {
    const value = await this.rpc('state_getStorage', accountKey(account));
    if (value === null) return { nonce: 0, free: 0n };
    const bytes = Buffer.from(value.slice(2), 'hex');
    return { nonce: bytes.readUInt32LE(0), free: bytes.readBigUInt64LE(16) };
  }
}

/** The test's own connection. */
async function connect(endpoint) {
  const socket = new WebSocket(endpoint, { maxPayload: 2 ** 27 });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const waiting = new Map();
  socket.on('message', (data) => {
    const { id, result, error } = JSON.parse(data);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error) reject?.(new Error(`${error.message} ${error.data ?? ''}`));
    else resolve?.(result);
  });
  let last = 0;
  return {
    request: (method, params) =>
      new Promise((resolve, reject) => {
        const id = (last += 1);
        waiting.set(id, { resolve, reject });
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      }),
    close: () => socket.terminate(),
  };
}
