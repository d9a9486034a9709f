/** JSON-RPC over one WebSocket. */

import { line, said } from '../words.ts';
import { shown } from './network.ts';
import { ChainError } from './types.ts';

/** Milliseconds that an endpoint may take to open, and that an answer may take. Metadata takes longest. */
const OPEN = 10_000;
const ANSWER = 20_000;

/**
 * The most characters of an answer, unless the caller says otherwise, and of news. The longest answers are blocks; the
 * longest news are heads.
 */
const LONGEST_ANSWER = 16 << 20;
export const LONGEST_NEWS = 64 << 10;

/** How long an answer may take, in milliseconds, and how long it may be, in characters. */
interface Limits {
  readonly timeout?: number;
  readonly most?: number;
}

/** The node answered a request with an error. */
export class Refused extends ChainError {
  readonly code: number;
  readonly data: string;

  constructor(method: string, error: { code?: unknown; message?: unknown; data?: unknown }) {
    const message = line(String(error.message ?? 'no reason'));
    super(`${method} was refused: ${message}`, true);
    this.code = Number(error.code);
    this.reason = message;
    this.data = error.data === undefined ? '' : JSON.stringify(error.data);
  }

  /** In the node's words. */
  readonly reason: string;
}

const TOO_MUCH = 'it sent more at once than the page asked for';

interface Pending {
  readonly method: string;
  readonly most: number;
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { code?: unknown; message?: unknown; data?: unknown };
  readonly method?: string;
  readonly params?: { readonly subscription: string | number; readonly result: unknown };
}

export class Rpc {
  readonly endpoint: string;
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #subscriptions = new Map<string | number, (result: unknown) => void>();
  /** News for subscriptions whose number has not come yet. */
  #early: NonNullable<Message['params']>[] = [];
  #last = 0;
  #lost: ChainError | undefined;
  readonly #losses = new Set<(error: ChainError) => void>();

  /** @throws {@link ChainError} when it does not open. */
  static open(endpoint: string): Promise<Rpc> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(endpoint);
      const rpc = new Rpc(endpoint, socket);
      const fail = (reason: string): void => {
        clearTimeout(timer);
        rpc.#lose(reason);
        reject(rpc.#lost as ChainError);
      };
      const timer = setTimeout(() => fail('it does not answer'), OPEN);
      socket.onopen = () => {
        clearTimeout(timer);
        resolve(rpc);
      };
      // Browsers do not say why.
      socket.onclose = ({ code, reason }) => {
        const why = reason || (code === 1006 ? 'no connection' : `closed with code ${code}`);
        fail(line(why));
      };
    });
  }

  private constructor(endpoint: string, socket: WebSocket) {
    this.endpoint = shown(endpoint);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#hear(String(data));
  }

  /** @throws {@link ChainError}; {@link Refused} when the node answers with an error. */
  request<T>(
    method: string,
    params: readonly unknown[] = [],
    { timeout = ANSWER, most = LONGEST_ANSWER }: Limits = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      this.#last += 1;
      const id = this.#last;
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new ChainError(`${this.endpoint}: no answer to ${method}`, true));
      }, timeout);
      this.#pending.set(id, { method, most, resolve: resolve as (result: unknown) => void, reject, timer });
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  /** Calls `listener` with all news. The function that it returns ends that. */
  async subscribe(
    [method, unsubscribe]: readonly [string, string],
    params: readonly unknown[],
    listener: (result: unknown) => void,
  ): Promise<() => void> {
    const id = await this.request<string | number>(method, params);
    this.#subscriptions.set(id, listener);
    const waiting = this.#early.filter(({ subscription }) => subscription === id);
    this.#early = this.#early.filter(({ subscription }) => subscription !== id);
    for (const { result } of waiting) listener(result);
    return () => {
      if (!this.#subscriptions.delete(id) || this.#lost) return;
      this.request(unsubscribe, [id]).catch(() => {});
    };
  }

  /** Calls `listener` once when the connection is lost; at once if it already is. Returns what takes it back. */
  onLost(listener: (error: ChainError) => void): () => void {
    if (this.#lost) listener(this.#lost);
    else this.#losses.add(listener);
    return () => this.#losses.delete(listener);
  }

  close(reason = 'closed'): void {
    this.#lose(reason);
  }

  #hear(data: string): void {
    if (data.length > this.#longest) return this.#lose(TOO_MUCH);
    let message: Message;
    try {
      message = JSON.parse(data) as Message;
    } catch {
      return this.#lose('it sent something that is not JSON');
    }
    if (typeof message !== 'object' || message === null) return this.#lose('it sent something that is not a message');
    if (message.id !== undefined && message.id !== null) {
      const pending = this.#pending.get(message.id);
      if (!pending) return;
      if (data.length > pending.most) return this.#lose(`its answer to ${pending.method} is too long`);
      this.#pending.delete(message.id);
      clearTimeout(pending.timer);
      if (message.error) pending.reject(new Refused(pending.method, message.error));
      else pending.resolve(message.result);
    } else if (message.params) {
      if (data.length > LONGEST_NEWS) return this.#lose(TOO_MUCH);
      const listener = this.#subscriptions.get(message.params.subscription);
      if (listener) {
        try {
          listener(message.params.result);
        } catch (error) {
          this.#lose(said(error));
        }
      }
      // News can arrive before the code that waits for the subscription's number has run.
      else this.#early = [...this.#early.slice(-20), message.params];
    }
  }

  /** The most characters that any message may have now. */
  get #longest(): number {
    return Math.max(LONGEST_NEWS, ...[...this.#pending.values()].map(({ most }) => most));
  }

  #lose(reason: string): void {
    if (this.#lost) return;
    const error = new ChainError(`${this.endpoint}: ${reason}`, true);
    this.#lost = error;
    this.#socket.onclose = null;
    this.#socket.onmessage = null;
    this.#socket.close();
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
    this.#subscriptions.clear();
    for (const listener of this.#losses) listener(error);
    this.#losses.clear();
  }
}
