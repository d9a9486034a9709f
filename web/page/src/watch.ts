/** The chain as the page sees it while the visitor chooses: connected, followed, its subnets listed. */

import { type Network, network } from './chain/network.ts';
import { type Block, Follower, find } from './chain/follow.ts';
import { openSubnets } from './chain/read.ts';
import type { Subject } from './chain/types.ts';
import type { Model } from './model.ts';
import { Pace } from './pace.ts';
import { clause, said } from './words.ts';

/** Blocks between two readings of the list of subnets. */
const LIST = 10;

export interface Watcher {
  changed(): void;
  say(text: string): void;
  /** There is a new best block, and the model knows it. */
  block(block: Block): void;
  connected(): void;
  /** The chain is lost for good; the model knows why. */
  failed(): void;
}

export class Chain {
  readonly #model: Model;
  readonly #watcher: Watcher;
  #follower: Follower | undefined;
  #network: Network | undefined;
  #subject: Subject | undefined;
  /** Counts attempts: the result of an earlier one comes too late. */
  #attempt = 0;
  readonly #pace = new Pace();
  #listed: number | undefined;
  #block: Block | undefined;

  constructor(model: Model, watcher: Watcher) {
    this.#model = model;
    this.#watcher = watcher;
  }

  /** The present block, if its answers are about the present choice. */
  get block(): Block | undefined {
    return this.#block?.subject === this.#subject ? this.#block : undefined;
  }

  /** Connects to what is chosen. */
  async connect(): Promise<void> {
    this.leave();
    const model = this.#model;
    const attempt = this.#attempt;
    model.link = 'connecting';
    this.#watcher.changed();
    try {
      const chosen = await network(model.choice, model.endpoint);
      const start = await find(chosen);
      if (attempt !== this.#attempt) return start.connection.rpc.close();
      this.#network = chosen;
      this.#follower = new Follower(chosen, start, {
        block: (block) => this.#arrived(attempt, block),
        lost: (reason) => this.#link(attempt, 'lost', reason),
        connected: () => this.#link(attempt, 'connected', undefined),
        failed: (error) => this.#failed(attempt, error),
      });
      this.#follower.ask(this.#subject);
      model.link = 'connected';
      this.#describe(start);
      this.#watcher.connected();
    } catch (error) {
      this.#failed(attempt, error);
    }
    this.#watcher.changed();
  }

  /** Forgets the chain. */
  leave(): void {
    this.#attempt += 1;
    this.#follower?.end();
    this.#follower = undefined;
    this.#block = undefined;
    this.#listed = undefined;
    this.#pace.reset();
    const model = this.#model;
    model.link = 'none';
    model.linkError = undefined;
    model.chain = undefined;
    model.subnets = undefined;
    model.listing = false;
    model.standing = undefined;
    model.subnet = undefined;
    model.head = undefined;
  }

  /** Asks about a choice from now on; asks nothing while it is incomplete. */
  ask(subject: Subject | undefined): void {
    this.#subject = subject;
    this.#model.standing = undefined;
    this.#model.subnet = undefined;
    this.#follower?.ask(subject);
  }

  /** The machine may have slept, or is online again: what could not be reached may answer now. */
  wake(): void {
    const { link, linkError, choice, invitation } = this.#model;
    const isUnreached = link === 'none' && linkError !== undefined;
    // The visitor may still be typing an endpoint.
    if (isUnreached && choice !== 'custom' && invitation === undefined) return void this.connect();
    this.#pace.interrupted(performance.now());
    void this.#follower?.poke();
  }

  /** Reads the list of subnets now, and not only when it is old. */
  list(): void {
    const block = this.#block;
    this.#listed = undefined;
    if (block) this.#list(this.#attempt, block);
    this.#watcher.changed();
  }

  #arrived(attempt: number, block: Block): void {
    if (attempt !== this.#attempt) return;
    const model = this.#model;
    const now = performance.now();
    this.#pace.block(block.head.number, now);
    model.blockTime = this.#pace.seconds;
    if (model.head?.hash !== block.head.hash) model.headSeen = now;
    model.head = block.head;
    this.#block = block;
    if (block.subject === this.#subject) {
      model.subnet = block.state?.subnet;
      model.standing = block.state?.subnet.standing;
    }
    this.#describe(block);
    this.#list(attempt, block);
    this.#watcher.block(block);
  }

  /** Writes what the chain is now: its runtime may have changed. */
  #describe({ connection, runtime }: Pick<Block, 'connection' | 'runtime'>): void {
    this.#model.chain = {
      name: connection.chain,
      runtime: runtime.name,
      spec: runtime.spec,
      genesis: connection.genesis,
      pinned: this.#network?.genesis !== undefined,
      endpoint: connection.rpc.endpoint,
      refusal: runtime.refusal,
    };
  }

  #list(attempt: number, { connection, runtime, head }: Block): void {
    const model = this.#model;
    if (runtime.refusal !== undefined) return;
    if (model.running) {
      // Nobody looks at the list now, and it will be old afterwards.
      this.#listed = undefined;
      return;
    }
    if (this.#listed !== undefined && head.number < this.#listed + LIST && head.number >= this.#listed) return;
    this.#listed = head.number;
    model.listing = true;
    openSubnets(connection, runtime, head).then(
      (subnets) => {
        if (attempt !== this.#attempt) return;
        model.subnets = subnets;
        model.listing = false;
        this.#watcher.changed();
      },
      (error) => {
        if (attempt !== this.#attempt) return;
        this.#listed = undefined;
        model.listing = false;
        this.#watcher.say(`The page could not list the subnets: ${clause(error)}.`);
      },
    );
  }

  #link(attempt: number, link: 'lost' | 'connected', reason: string | undefined): void {
    if (attempt !== this.#attempt) return;
    const model = this.#model;
    const text = reason === undefined ? 'The connection is back.' : `The connection is lost: ${reason}.`;
    this.#watcher.say(text);
    model.link = link;
    model.linkError = reason;
    this.#pace.interrupted(performance.now());
    this.#watcher.changed();
  }

  #failed(attempt: number, error: unknown): void {
    if (attempt !== this.#attempt) return;
    this.leave();
    this.#model.linkError = said(error);
    this.#watcher.failed();
    this.#watcher.changed();
  }
}
