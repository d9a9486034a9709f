// Which tab mines.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Turn } from '../src/tabs.ts';

type Use = (lock: object | null) => unknown;

interface Options {
  readonly ifAvailable?: boolean;
  readonly steal?: boolean;
  readonly signal?: AbortSignal;
}

/** The least of a browser's locks: one, for all tabs. */
class Locks {
  /** Ends the hold of whoever has the lock. */
  #steal: ((error: Error) => void) | undefined;
  readonly #queue: (() => void)[] = [];

  get isHeld(): boolean {
    return this.#steal !== undefined;
  }

  request(_name: string, { ifAvailable, steal, signal }: Options, use: Use): Promise<void> {
    if (steal) this.#steal?.(new DOMException('stolen', 'AbortError'));
    else if (this.isHeld) {
      if (ifAvailable) return Promise.resolve(use(null)).then(() => {});
      return new Promise((resolve, reject) => {
        this.#queue.push(() => (signal?.aborted ? reject(signal.reason) : resolve(this.#hold(use))));
      });
    }
    return this.#hold(use);
  }

  #hold(use: Use): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#steal = reject;
      void Promise.resolve(use({})).then(() => {
        if (this.#steal === reject) this.#steal = undefined;
        resolve();
        if (!this.isHeld) this.#queue.shift()?.();
      });
    });
  }
}

function browser(locks: object | undefined): void {
  Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true });
}

/** A tab, and what it has been told. */
function tab(): { turn: Turn; told: string[]; freed: Promise<void> } {
  const told: string[] = [];
  let free = (): void => {};
  const freed = new Promise<void>((resolve) => (free = resolve));
  const turn = new Turn(
    () => told.push('lost'),
    () => {
      told.push('free');
      free();
    },
  );
  return { turn, told, freed };
}

beforeEach(() => browser(new Locks()));

test('one tab at a time, and the next when that is over', async () => {
  const [one, two] = [tab(), tab()];
  assert.equal(await one.turn.take(false), true);
  assert.equal(await two.turn.take(false), false);
  one.turn.give();
  await two.freed;
  assert.equal(await two.turn.take(false), true);
  assert.equal(await one.turn.take(true), true);
  assert.deepEqual([one.told, two.told], [[], ['free', 'lost']]);
});

test('a tab that asks twice has the machine once, and gives it back', async () => {
  const { turn, told } = tab();
  assert.deepEqual(await Promise.all([turn.take(false), turn.take(false)]), [true, true]);
  assert.equal(await turn.take(false), true);
  assert.equal(await turn.take(true), true, 'it steals nothing from itself');
  turn.give();
  const other = tab();
  if (!(await other.turn.take(false))) await other.freed;
  assert.deepEqual(told, []);
});

test('where the browser has no locks, or refuses them, every tab may mine', async () => {
  const refusing = { request: () => Promise.reject(new DOMException('site data are blocked', 'SecurityError')) };
  for (const such of [undefined, refusing]) {
    browser(such);
    for (const steal of [false, true]) {
      const { turn, told } = tab();
      assert.equal(await turn.take(steal), true);
      turn.give();
      assert.equal(await turn.take(steal), true);
      assert.deepEqual(told, []);
    }
  }
});
