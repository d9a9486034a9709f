// JSON-RPC over a fake socket.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Refused, Rpc } from '../src/chain/rpc.ts';
import { ChainError } from '../src/chain/types.ts';

/** The least of a browser's socket. */
class Socket {
  static last: Socket;
  readonly sent: { id: number; method: string; params: unknown[] }[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor() {
    Socket.last = this;
    queueMicrotask(() => this.onopen?.());
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  hear(message: object): void {
    this.onmessage?.({ data: JSON.stringify({ jsonrpc: '2.0', ...message }) });
  }

  answer(result: unknown): void {
    this.hear({ id: this.sent.at(-1)?.id, result });
  }
}

Object.assign(globalThis, { WebSocket: Socket });

let rpc: Rpc;
let socket: Socket;

beforeEach(async () => {
  rpc = await Rpc.open('wss://user:secret@node.example:9944/token');
  socket = Socket.last;
});

test('answers find their questions, in any order', async () => {
  const [one, two] = [rpc.request('one'), rpc.request('two', [2])];
  const [first, second] = socket.sent;
  assert.deepEqual(second?.params, [2]);
  socket.hear({ id: second?.id, result: 'second' });
  socket.hear({ id: first?.id, result: null });
  assert.deepEqual(await Promise.all([one, two]), [null, 'second']);
});

test('a refusal has the words and the data of the node', async () => {
  const asked = rpc.request('author_submit');
  socket.hear({ id: 1, error: { code: 1010, message: 'Invalid\nTransaction', data: 'Custom error: 255' } });
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof Refused && error.transient);
    assert.deepEqual([error.code, error.reason, error.data], [1010, 'Invalid Transaction', '"Custom error: 255"']);
    return true;
  });
});

test('no answer in time', async () => {
  await assert.rejects(rpc.request('slow', [], { timeout: 5 }), /node.example:9944: no answer to slow/);
  // Nobody waits for an answer that comes too late.
  socket.answer('late');
});

test('news that arrives before the number of its subscription', async () => {
  const heard: unknown[] = [];
  const subscribing = rpc.subscribe(['sub', 'unsub'], [], (news) => heard.push(news));
  socket.answer('id');
  socket.hear({ method: 'news', params: { subscription: 'id', result: 1 } });
  const stop = await subscribing;
  socket.hear({ method: 'news', params: { subscription: 'id', result: 2 } });
  socket.hear({ method: 'news', params: { subscription: 'another', result: 3 } });
  assert.deepEqual(heard, [1, 2]);
  stop();
  assert.deepEqual(socket.sent.at(-1), { jsonrpc: '2.0', id: 2, method: 'unsub', params: ['id'] });
  socket.answer(true);
});

test('a lost connection ends what waits, once, and shows no secret of its address', async () => {
  const losses: ChainError[] = [];
  rpc.onLost((error) => losses.push(error));
  const asked = rpc.request('one');
  socket.onclose?.({ code: 1006, reason: '' });
  socket.onclose?.({ code: 1000, reason: '' });
  await assert.rejects(asked, /^ChainError: wss:\/\/node.example:9944: no connection$/);
  await assert.rejects(rpc.request('two'), ChainError);
  rpc.onLost((error) => losses.push(error));
  assert.equal(losses.length, 2, 'whoever asks afterwards hears of it too');
  assert.ok(socket.closed);
});

test('something that does not speak JSON', async () => {
  const asked = rpc.request('one');
  socket.onmessage?.({ data: '<html>' });
  await assert.rejects(asked, /not JSON/);
});

test('a message that is too long ends the connection', async () => {
  const long = 'x'.repeat(64 << 10);
  const ends = async (reason: RegExp, hear: () => unknown): Promise<void> => {
    rpc = await Rpc.open('ws://127.0.0.1:1');
    socket = Socket.last;
    const losses: ChainError[] = [];
    rpc.onLost((error) => losses.push(error));
    hear();
    assert.match(losses[0]?.message ?? '', reason);
    assert.ok(losses[0]?.transient, 'another endpoint may do');
    assert.ok(socket.closed);
  };
  await ends(/it sent more at once than the page asked for/, () => socket.hear({ id: 9, result: long }));
  await ends(/its answer to head is too long/, () => {
    rpc.request('body').catch(() => {});
    rpc.request('head', [], { most: 64 << 10 }).catch(() => {});
    socket.hear({ id: 2, result: long });
  });
  await ends(/it sent more at once than the page asked for/, () => {
    rpc.request('body').catch(() => {});
    socket.hear({ method: 'news', params: { subscription: 'id', result: long } });
  });
  // A block may be that long.
  rpc = await Rpc.open('ws://127.0.0.1:1');
  const body = rpc.request('body');
  Socket.last.answer(long);
  assert.equal(await body, long);
});

test('news and messages that nobody can read end the connection', async () => {
  const subscribing = rpc.subscribe(['sub', 'unsub'], [], () => {
    throw new ChainError('it sent a header that is not valid', true);
  });
  socket.answer('id');
  await subscribing;
  socket.hear({ method: 'news', params: { subscription: 'id', result: null } });
  await assert.rejects(rpc.request('one'), /node.example:9944: it sent a header that is not valid/);
  const other = await Rpc.open('ws://127.0.0.1:1');
  Socket.last.onmessage?.({ data: 'null' });
  await assert.rejects(other.request('one'), /not a message/);
});
