/**
 * The module's exports as JavaScript has them: what `wasm/src/bindings.rs` says, and nothing more.
 *
 * What is no number crosses on the desk, bytes in the module's memory: before a call what it takes, after it what
 * it gives. What is thrown here is the reason in words.
 */

import { inWords } from './words.js';

type Pointer = number;

interface Exports {
  readonly memory: WebAssembly.Memory;
  desk(length: number): Pointer;
  desk_at(): Pointer;
  desk_len(): number;
  lanes(): void;
  scan(): void;
  parse_key(): number;
  parse_hash(): number;
  expected_seconds(difficulty: bigint, rate: number): number;
  blocks_left(v1: boolean, workBlock: bigint, head: bigint): number;
  work_new(netuid: number, big: boolean, difficulty: bigint): Pointer;
  work_free(work: Pointer): void;
  work_seal(work: Pointer, nonce: bigint): void;
  work_admits(work: Pointer, nonce: bigint): number;
  engine_new(workers: number, gpus: number): Pointer;
  engine_free(engine: Pointer): void;
  engine_search(engine: Pointer, work: Pointer, start: bigint, now: number): bigint;
  engine_pause(engine: Pointer): void;
  engine_resume(engine: Pointer, now: number): void;
  engine_step(engine: Pointer, worker: number, now: number): void;
  engine_fault(engine: Pointer, worker: number): number;
  engine_deliver(engine: Pointer, worker: number): void;
  engine_lose(engine: Pointer, worker: number): void;
  engine_best(engine: Pointer): number;
  engine_statistics(engine: Pointer, now: number): number;
  engine_rates(engine: Pointer, worker: number, now: number): number;
}

let wasm: Exports;

/** Starts the module; once. */
export function start(module: WebAssembly.Module): void {
  wasm = new WebAssembly.Instance(module).exports as unknown as Exports;
}

/** Puts bytes on the desk, one part after the other. */
function put(...parts: Uint8Array[]): void {
  let at = wasm.desk(parts.reduce((sum, { length }) => sum + length, 0));
  // A look at the memory ends when it grows.
  const memory = new Uint8Array(wasm.memory.buffer);
  for (const part of parts) {
    memory.set(part, at);
    at += part.length;
  }
}

const putText = (text: string): void => put(new TextEncoder().encode(text));
const putWords = (words: Uint32Array): void => put(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));

/** The bytes on the desk, in a buffer of their own. */
function take(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(wasm.memory.buffer as ArrayBuffer, wasm.desk_at(), wasm.desk_len()).slice();
}

const takeText = (): string => new TextDecoder().decode(take());
const takeWords = (): Uint32Array<ArrayBuffer> => new Uint32Array(take().buffer);
const takeNumbers = (): Float64Array => new Float64Array(take().buffer);

/** The reason with that number, whose gaps are on the desk. */
const reason = (code: number): string => inWords(-code, ...new BigUint64Array(take().buffer));

/** Throws where a call says that it failed. */
function succeeded(code: number): void {
  if (code < 0) throw new Error(reason(code));
}

/** The name of the lanes: `simd128` or `portable`. */
export function lanes(): string {
  wasm.lanes();
  return takeText();
}

/** In a worker: does what an order says; the answer. */
export function scan(order: Uint32Array): Uint32Array<ArrayBuffer> {
  putWords(order);
  wasm.scan();
  return takeWords();
}

/** The 32 bytes of a key; throws for a text that is none. */
export function parseKey(text: string): Uint8Array {
  putText(text);
  succeeded(wasm.parse_key());
  return take();
}

/** The 32 bytes of 64 hexadecimal digits; throws for anything else. */
export function parseHash(text: string): Uint8Array {
  putText(text);
  succeeded(wasm.parse_hash());
  return take();
}

/** Seconds until the first win, on average; `undefined` at a rate of zero. */
export function expectedSeconds(difficulty: bigint, rate: number): number | undefined {
  const seconds = wasm.expected_seconds(difficulty, rate);
  return Number.isNaN(seconds) ? undefined : seconds;
}

/** How many blocks may still include work for a block; -1 when the chain does not have that. */
export function blocksLeft(v1: boolean, workBlock: bigint, head: bigint): number {
  return wasm.blocks_left(v1, workBlock, head);
}

/** A challenge and its difficulty, in the module until it is freed. */
export class Work {
  /** @internal */
  readonly at: Pointer;

  private constructor(netuid: number, big: boolean, difficulty: bigint, parts: Uint8Array[]) {
    put(...parts);
    this.at = wasm.work_new(netuid, big, difficulty);
    if (this.at === 0) throw new Error('zero; the smallest difficulty is 1');
  }

  static v1(netuid: number, blockHash: Uint8Array, hotkey: Uint8Array, coldkey: Uint8Array, difficulty: bigint): Work {
    return new Work(netuid, false, difficulty, [blockHash, hotkey, coldkey]);
  }

  static legacy(big: boolean, blockHash: Uint8Array, hotkey: Uint8Array, difficulty: bigint): Work {
    return new Work(0, big, difficulty, [blockHash, hotkey]);
  }

  free(): void {
    wasm.work_free(this.at);
  }

  /** The seal of a nonce: 32 bytes. */
  seal(nonce: bigint): Uint8Array {
    wasm.work_seal(this.at, nonce);
    return take();
  }

  /** Whether a nonce wins. */
  admits(nonce: bigint): boolean {
    return wasm.work_admits(this.at, nonce) !== 0;
  }
}

/** The solver, and a runner for each worker, in the module until it is freed. */
export class Engine {
  readonly #at: Pointer;

  constructor(workers: number, gpus: number) {
    this.#at = wasm.engine_new(workers, gpus);
  }

  free(): void {
    wasm.engine_free(this.#at);
  }

  /** Makes every worker search for that from its next round on; the generation, which every find names. */
  search(work: Work, start: bigint, now: number): bigint {
    return BigInt.asUintN(64, wasm.engine_search(this.#at, work.at, start, now));
  }

  pause(): void {
    wasm.engine_pause(this.#at);
  }

  resume(now: number): void {
    wasm.engine_resume(this.#at, now);
  }

  /** Does what comes next for a worker: what it came to, and what belongs to it. */
  step(worker: number, now: number): Uint32Array<ArrayBuffer> {
    wasm.engine_step(this.#at, worker, now);
    return takeWords();
  }

  /** Why a worker was dropped. */
  fault(worker: number): string | undefined {
    const code = wasm.engine_fault(this.#at, worker);
    return code < 0 ? reason(code) : undefined;
  }

  /** Takes a worker's answer. */
  deliver(worker: number, answer: Uint32Array): void {
    putWords(answer);
    wasm.engine_deliver(this.#at, worker);
  }

  /** Says that a worker is gone. */
  lose(worker: number): void {
    wasm.engine_lose(this.#at, worker);
  }

  /** The lowest solution of the present challenge: a find. */
  best(): Uint32Array<ArrayBuffer> | undefined {
    return wasm.engine_best(this.#at) ? takeWords() : undefined;
  }

  /** The numbers of `rates`, then the expected time in seconds, NaN before the first round, and the chance. */
  statistics(now: number): Float64Array | undefined {
    return wasm.engine_statistics(this.#at, now) ? takeNumbers() : undefined;
  }

  /** The rates of one worker. */
  rates(worker: number, now: number): Float64Array | undefined {
    return wasm.engine_rates(this.#at, worker, now) ? takeNumbers() : undefined;
  }
}
