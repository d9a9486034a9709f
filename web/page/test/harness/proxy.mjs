/** Bad luck: a WebSocket proxy before a chain, which passes on everything until it is told otherwise. */

import { WebSocket, WebSocketServer } from 'ws';

/** What sends a transaction. */
export const SUBMIT = 'author_submitAndWatchExtrinsic';

/** What a rule may answer about a request, beside `undefined`, which passes it on. */
export const fate = {
  /** The proxy answers itself; the chain hears nothing. */
  answered: (result) => ({ result }),
  refused: (error) => ({ error }),
  /** Nobody answers. */
  swallowed: { swallowed: true },
  /** The connection breaks; the chain hears nothing. */
  lost: { lost: true },
  /** It is passed on, and the connection breaks before the answer. */
  passedAndLost: { passedAndLost: true },
  /** It is passed on when the promise resolves. */
  held: (until) => ({ until }),
};

export async function startProxy(endpoint) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 2 ** 27 });
  await new Promise((resolve) => server.once('listening', resolve));
  const proxy = new Proxy(server, endpoint);
  server.on('connection', (socket) => proxy.serve(socket));
  return proxy;
}

class Proxy {
  /** How many connections were taken. */
  connections = 0;
  /** The methods that were called, in order. */
  calls = [];
  #pairs = new Set();
  #open = true;
  #silent = false;
  #delay = 0;
  #rule = () => undefined;
  #filter = (text) => text;

  constructor(server, chain) {
    Object.assign(this, { server, chain, endpoint: `ws://127.0.0.1:${server.address().port}` });
  }

  /** Decides about every request from now on: `rule(method, params)` is one of `fate`, or nothing. */
  onRequest(rule) {
    this.#rule = rule;
  }

  /** Makes something else, or with `undefined` nothing, of the text that the chain says. */
  onAnswer(filter) {
    this.#filter = filter;
  }

  /** Keeps what the chain says for so many milliseconds. */
  delay(milliseconds) {
    this.#delay = milliseconds;
  }

  /** Stays connected and says nothing in either direction, as a network that is gone without a word. */
  silence(on = true) {
    this.#silent = on;
  }

  /** Breaks all connections. */
  cut() {
    for (const pair of this.#pairs) pair.forEach((socket) => socket.terminate());
  }

  /** Takes no more connections. */
  close() {
    this.#open = false;
  }

  open() {
    this.#open = true;
  }

  count(method) {
    return this.calls.filter((call) => call === method).length;
  }

  async stop() {
    this.close();
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  serve(page) {
    if (!this.#open) {
      page.terminate();
      return;
    }
    this.connections += 1;
    const chain = new WebSocket(this.chain, { maxPayload: 2 ** 27 });
    const pair = [page, chain];
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      pair.forEach((socket) => socket.terminate());
    };
    for (const socket of pair) socket.on('close', end).on('error', end);
    const opened = new Promise((resolve) => chain.once('open', resolve));
    const lostAfter = new Set();

    page.on('message', async (data) => {
      if (this.#silent) return;
      const message = JSON.parse(data);
      // A batch is judged by its parts, and goes on whole.
      for (const request of [message].flat()) {
        this.calls.push(request.method);
        const { result, error, swallowed, lost, passedAndLost, until } = this.#rule(request.method, request.params) ?? {};
        const answered = result !== undefined || error !== undefined;
        if (answered) page.send(JSON.stringify({ jsonrpc: '2.0', id: request.id, result, error }));
        if (answered || swallowed) return;
        if (lost) return end();
        if (passedAndLost) lostAfter.add(request.id);
        await until;
      }
      await opened;
      if (chain.readyState === WebSocket.OPEN) chain.send(data.toString());
    });
    chain.on('message', (data) => {
      if (this.#silent) return;
      const text = this.#filter(data.toString());
      if (text === undefined) return;
      // Metadata is long, and is not what is looked for.
      if (lostAfter.size > 0 && text.length < 10_000 && lostAfter.has(JSON.parse(text).id)) return end();
      const send = () => page.readyState === WebSocket.OPEN && page.send(text);
      if (this.#delay > 0) setTimeout(send, this.#delay);
      else send();
    });
  }
}

/** For `onAnswer`: the runtime says that it has another name, of as many letters, also in its metadata. */
export function renamed(from, to) {
  const hex = (text) => Buffer.from(text).toString('hex');
  if (from.length !== to.length) throw new Error('the metadata says how long the name is');
  return (text) => text.replaceAll(from, to).replaceAll(hex(from), hex(to));
}
