/**
 * Follows the chain: reports every new best block with the answers to all questions about it, whatever happens to
 * the connection meanwhile.
 */

import { clause, said } from '../words.ts';
import { Connection, type Header, headOf } from './connection.ts';
import { type Network, shown } from './network.ts';
import { Query } from './read.ts';
import type { Runtime } from './runtime.ts';
import { ChainError, type Head, type State, type Subject } from './types.ts';

/** Milliseconds of three blocks: when a chain is silent for that long, something may be wrong with the endpoint. */
const SILENCE = 36_000;

/** The pause before the second try, and the longest one, in milliseconds. Each is twice the one before. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 15_000;

/** Milliseconds in which an endpoint must answer after the machine has slept. */
const AWAKE = 4_000;

/** A best block, and the answers about it. */
export interface Block {
  readonly head: Head;
  /** The answers at this block, if the page asked something. */
  readonly state: State | undefined;
  /** What the page asked about. */
  readonly subject: Subject | undefined;
  /** The runtime that will execute the next block. */
  readonly runtime: Runtime;
  readonly connection: Connection;
}

/** What a follower reports. */
export interface Listener {
  block(block: Block): void;
  /** The connection is lost; the follower reconnects. */
  lost(reason: string): void;
  /** The connection is back. */
  connected(connection: Connection): void;
  /** It cannot go on. */
  failed(error: Error): void;
}

/** A chain that was found. */
interface Start {
  readonly connection: Connection;
  readonly runtime: Runtime;
  readonly head: Head;
}

/**
 * Connects to the first endpoint of a network that works.
 *
 * @throws {@link ChainError} with what each endpoint said.
 */
export async function find(network: Network): Promise<Start> {
  const reasons: string[] = [];
  let wrong: Error | undefined;
  for (const endpoint of network.endpoints) {
    try {
      return await open(endpoint, network.genesis);
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      if (!error.transient) wrong = error;
      reasons.push(error.message);
    }
  }
  if (wrong && reasons.length === 1) throw wrong;
  const all = reasons.join('; ');
  throw new ChainError(`No endpoint of ${network.name} works: ${all}. Check the connection, or choose another endpoint.`, true);
}

async function open(endpoint: string, genesis: string | undefined): Promise<Start> {
  const connection = await Connection.open(endpoint, genesis);
  try {
    const head = await connection.head();
    return { connection, head, runtime: await connection.runtime(head.hash) };
  } catch (error) {
    connection.rpc.close();
    throw error;
  }
}

/** Follows a chain until {@link Follower.end}. */
export class Follower {
  readonly #network: Network;
  readonly #listener: Listener;
  readonly #genesis: string;
  #connection: Connection;
  #subject: Subject | undefined;
  #ended = false;
  #pause = FIRST_PAUSE;
  /** Ends a pause or a wait for a block at once. */
  #wake: (() => void) | undefined;
  /** The newest head that was announced and not yet taken. */
  #next: Head | undefined;

  constructor(network: Network, start: Start, listener: Listener) {
    this.#network = network;
    this.#listener = listener;
    this.#genesis = start.connection.genesis;
    this.#connection = start.connection;
    void this.#run(start);
  }

  /** Asks about something else from now on, and reports the present block again. */
  ask(subject: Subject | undefined): void {
    this.#subject = subject;
    this.#wake?.();
  }

  /** The machine may have slept: tests the connection, and reconnects at once when it is dead. */
  async poke(): Promise<void> {
    const connection = this.#connection;
    // Also ends a pause between two tries.
    this.#pause = FIRST_PAUSE;
    this.#wake?.();
    try {
      const head = await connection.head(AWAKE);
      if (connection === this.#connection) {
        this.#next = head;
        this.#wake?.();
      }
    } catch {
      connection.rpc.close('it no longer answers');
    }
  }

  end(): void {
    this.#ended = true;
    this.#connection.rpc.close();
    this.#wake?.();
  }

  async #run(first: Start): Promise<void> {
    let start = first;
    for (;;) {
      try {
        await this.#follow(start);
      } catch (error) {
        if (this.#ended) return;
        start.connection.rpc.close();
        if (!(error instanceof ChainError) || !error.transient) return this.#fail(error);
        this.#listener.lost(clause(error));
      }
      const again = await this.#reconnect();
      if (!again) return;
      start = again;
      this.#connection = start.connection;
      this.#listener.connected(start.connection);
    }
  }

  #fail(error: unknown): void {
    if (!this.#ended) this.#listener.failed(error instanceof Error ? error : new Error(said(error)));
  }

  /** Reports blocks for as long as the connection lasts. */
  async #follow({ connection, runtime: first, head: begin }: Start): Promise<never> {
    let runtime = first;
    let asked: { subject: Subject; runtime: Runtime; query: Query } | undefined;
    let reported: { head: Head; subject: Subject | undefined } | undefined;
    this.#next = begin;
    let lost: ChainError | undefined;
    connection.rpc.onLost((error) => {
      lost = error;
      this.#wake?.();
    });
    const topics = ['chain_subscribeNewHeads', 'chain_unsubscribeNewHeads'] as const;
    await connection.rpc.subscribe(topics, [], (header) => {
      this.#next = headOf(header as Header);
      this.#wake?.();
    });
    // The first one may be old by now.
    this.#next = await connection.head();
    for (;;) {
      const head = this.#next ?? reported?.head ?? begin;
      const subject = this.#subject;
      if (reported?.head.hash !== head.hash || reported.subject !== subject) {
        const version = connection.version(head.hash);
        const read = async (): Promise<State | undefined> => {
          if (!subject) return undefined;
          try {
            if (asked?.subject !== subject || asked.runtime !== runtime) {
              asked = { subject, runtime, query: new Query(runtime, subject) };
            }
            return await asked.query.read(connection, head);
          } catch (error) {
            // A runtime that takes no proofs may lack the storage about them.
            if (runtime.refusal !== undefined && error instanceof ChainError && !error.transient) return undefined;
            throw error;
          }
        };
        let [state, is] = await Promise.allSettled([read(), version]);
        if (is.status === 'rejected') throw is.reason;
        if (!runtime.is(is.value)) {
          // The read may have followed rules that are gone.
          runtime = await connection.runtime(head.hash);
          [state] = await Promise.allSettled([read()]);
        }
        if (state.status === 'rejected') throw state.reason;
        reported = { head, subject };
        this.#pause = FIRST_PAUSE;
        if (this.#ended) throw new ChainError('ended', true);
        // If the question changed meanwhile, the next turn answers the new one instead.
        if (subject === this.#subject) this.#listener.block({ head, state: state.value, subject, runtime, connection });
      }
      await this.#news(connection, reported, () => lost);
    }
  }

  /** Waits for another head, another question, or the loss of the connection. */
  async #news(
    connection: Connection,
    reported: { head: Head; subject: Subject | undefined },
    lost: () => ChainError | undefined,
  ): Promise<void> {
    for (;;) {
      if (this.#next && this.#next.hash !== reported.head.hash) return;
      if (this.#subject !== reported.subject) return;
      if (this.#ended) throw new ChainError('ended', true);
      const error = lost();
      if (error) throw error;
      if (!(await this.#sleep(SILENCE))) continue;
      // Another endpoint may know better; a chain that makes blocks on demand may rest.
      if (this.#network.endpoints.length > 1) throw new ChainError('no new block for 36 s', true);
      this.#next = await connection.head();
    }
  }

  /** Tries the endpoints in turn, for as long as it takes; `undefined` after {@link end}. */
  async #reconnect(): Promise<Start | undefined> {
    const { endpoints } = this.#network;
    let place = endpoints.findIndex((endpoint) => shown(endpoint) === this.#connection.rpc.endpoint);
    for (;;) {
      // Between a half and the whole of it, so that many pages do not come back at the same moment.
      await this.#sleep(this.#pause * (0.5 + Math.random() / 2));
      if (this.#ended) return undefined;
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
      place = (place + 1) % endpoints.length;
      try {
        // It must be the chain followed so far, pinned or not.
        const start = await open(endpoints[place] as string, this.#genesis);
        if (!this.#ended) return start;
        start.connection.rpc.close();
        return undefined;
      } catch (error) {
        if (error instanceof ChainError && (error.transient || endpoints.length > 1)) continue;
        this.#fail(error);
        return undefined;
      }
    }
  }

  /** Whether the whole time passed. */
  #sleep(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (whole: boolean): void => {
        clearTimeout(timer);
        if (this.#wake === woken) this.#wake = undefined;
        resolve(whole);
      };
      const woken = (): void => done(false);
      const timer = setTimeout(() => done(true), milliseconds);
      this.#wake = woken;
    });
  }
}
