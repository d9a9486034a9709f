/**
 * How many workers are fastest. A browser may report more processors than it lets a page use, and then workers take the time of each
 * other and of the page.
 *
 * All of them work first. Then all and fewer take turns, several times, and fewer win only if they were clearly faster each time.
 * What wins must win again later. So neither a compiler that still improves its code nor another program's load parks a
 * worker that is of use.
 */

/** Milliseconds of work before the first turn, and of one turn: some rounds. */
const WARM = 300;
const TURN = 100;

/** How many turns all and fewer take each. */
const TURNS = 3;

/** By how much fewer workers must be faster in each comparison. */
const CLEARLY = 1.03;

/** When the winner must win again, in milliseconds of work since the time before. */
const AGAIN = [10_000, 60_000];

/** The best of each number, as a search in this page found it. */
const found = new Map<number, number>();

/** The workers of a solver, as a trial sees them. */
export interface Workers {
  /** Whether those that should work do, and the others rest. */
  settled(): boolean;
  /** Lets as many work, and the others rest after their present round. */
  set(number: number): void;
}

/** As many shall work: for a time, or for a turn, whose rate is wanted. */
interface Order {
  readonly number: number;
  readonly wait?: number;
}

type Plan = Generator<Order, Order, number>;

/** What a worker did in a turn, from one answer to another: only whole rounds count. */
interface Span {
  readonly from: number;
  readonly before: number;
  to: number;
  tried: number;
}

/** Finds the best number of workers, and keeps it. */
export class Crew {
  readonly #workers: Workers;
  readonly #all: number;
  #plan: Plan | undefined;
  #order: Order;
  /** When the present order began, and what was done since. */
  #turn: { readonly at: number; readonly spans: Map<number, Span> } | undefined;

  constructor(workers: Workers, all: number) {
    this.#workers = workers;
    this.#all = all;
    this.#plan = plan(all);
    this.#order = { number: all };
    this.#follow(0);
  }

  /** A worker that should work has answered, and has its next round; it has tried as many nonces in all. */
  answered(worker: number, tried: number, now: number): void {
    if (!this.#plan || !this.#workers.settled()) return;
    this.#turn ??= { at: now, spans: new Map() };
    const { at, spans } = this.#turn;
    if (this.#order.wait !== undefined) {
      if (now - at >= this.#order.wait) this.#follow(0);
      return;
    }
    const span = spans.get(worker);
    if (span) Object.assign(span, { to: now, tried });
    else spans.set(worker, { from: now, before: tried, to: now, tried });
    const all = [...spans.values()];
    if (now - at < TURN || all.length < this.#order.number || all.some(({ from, to }) => from === to)) return;
    // It slept, or something stopped it.
    if (now - at > 5 * TURN) return this.interrupted();
    this.#follow(all.reduce((sum, { from, to, before, tried }) => sum + (tried - before) / (to - from), 0));
  }

  /** The present turn tells nothing: it begins anew. */
  interrupted(): void {
    this.#turn = undefined;
  }

  /** A worker was lost: one that rests takes its place, and numbers are not compared any more. */
  lost(): void {
    this.#plan = undefined;
    this.#workers.set(found.get(this.#all) ?? this.#all);
  }

  /** Gives the plan the rate that it asked for, and does what it says next. */
  #follow(rate: number): void {
    const { value, done } = (this.#plan as Plan).next(rate);
    if (done) this.#plan = undefined;
    this.#turn = undefined;
    const before = this.#order.number;
    this.#order = value;
    if (value.number !== before) this.#workers.set(value.number);
  }
}

/** Compares, decides, and compares again. */
function* plan(all: number): Plan {
  let best = found.get(all);
  if (best === undefined) {
    yield { number: all, wait: WARM };
    best = yield* choose(all);
    found.set(all, best);
  }
  for (const wait of AGAIN) {
    if (best === all) break;
    yield { number: best, wait };
    if (!(yield* areFaster(best, all))) best = all;
    found.set(all, best);
  }
  return { number: best };
}

function* choose(all: number): Generator<Order, number, number> {
  const half = Math.ceil(all / 2);
  if (yield* areFaster(half, all)) {
    const quarter = Math.ceil(half / 2);
    return (yield* areFaster(quarter, half)) ? quarter : half;
  }
  const most = Math.ceil((3 * all) / 4);
  return (yield* areFaster(most, all)) ? most : all;
}

/** Whether fewer workers are faster in every turn than all in the turns before and after. */
function* areFaster(fewer: number, all: number): Generator<Order, boolean, number> {
  if (fewer === all) return false;
  for (let turn = 0, least = Infinity; turn < TURNS; turn += 1) {
    const rate = yield { number: all };
    if (!(least > CLEARLY * rate)) return false;
    least = yield { number: fewer };
    if (!(least > CLEARLY * rate)) return false;
  }
  return true;
}
