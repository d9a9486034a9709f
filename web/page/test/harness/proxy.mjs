/** Bad luck: a WebSocket proxy in front of a chain. It passes everything on until a test says otherwise. */

import { WebSocket, WebSocketServer } from 'ws';

/** The method that sends a transaction. */
export const SUBMIT = 'author_submitAndWatchExtrinsic';

/** What a rule may answer about a request, besides `undefined`, which passes it on. */
export const fate = {
  /** The proxy answers itself; the chain hears nothing. */
  answered: (result) => ({ result }),
  refused: (error) => ({ error }),
  /** Nobody answers. */
  swallowed: { swallowed: true },
  /** The connection breaks; the chain hears nothing. */
  lost: { lost: true },
  /** The chain gets it, and the connection breaks before the answer. */
  passedAndLost: { passedAndLost: true },
  /** The chain gets it once the promise resolves. */
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
  /** How many connections it accepted. */
  connections = 0;
  /** The methods called, the first one first. */
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

  /** Replaces each text from the chain by what `filter` makes of it; `undefined` swallows the text. */
  onAnswer(filter) {
    this.#filter = filter;
  }

  /** Holds back what the chain says for so many milliseconds. */
  delay(milliseconds) {
    this.#delay = milliseconds;
  }

  /** Stays connected and passes nothing on in either direction, like a network that went silent. */
  silence(on = true) {
    this.#silent = on;
  }

  /** Breaks all connections. */
  cut() {
    for (const pair of this.#pairs) pair.forEach((socket) => socket.terminate());
  }

  /** Accepts no more connections. */
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
      // The rule judges the parts of a batch; the batch goes on whole.
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
      // Metadata is long, and tests do not look for it here.
      if (lostAfter.size > 0 && text.length < 10_000 && lostAfter.has(JSON.parse(text).id)) return end();
      const send = () => page.readyState === WebSocket.OPEN && page.send(text);
      if (this.#delay > 0) setTimeout(send, this.#delay);
      else send();
    });
  }
}

/** For `onAnswer`: the runtime claims another name of the same length, in its metadata too. */
export function renamed(from, to) {
  const hex = (text) => Buffer.from(text).toString('hex');
  if (from.length !== to.length) throw new Error('the metadata states the length of the name');
  return (text) => text.replaceAll(from, to).replaceAll(hex(from), hex(to));
}
