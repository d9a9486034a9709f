import type { BtpowError } from './errors.js';

/** Bytes: a `Uint8Array`, or hexadecimal digits after `0x`, two for each. */
export type Bytes = Uint8Array | string;

/** 32 bytes: a `Uint8Array` of that length, or 64 hexadecimal digits after `0x`. */
export type Bytes32 = Bytes;

/** A public key: 32 bytes, or an SS58 address of Bittensor (network 42, those that begin with 5). */
export type Key = Bytes32;

/** What `pow_register` asks, on finney since spec 475. */
export interface V1Challenge {
  readonly protocol: 'v1';
  /** The subnet, 1 to 65535. */
  readonly netuid: number;
  /** Hash of the block that asks. */
  readonly blockHash: Bytes32;
  /** The key that registers. */
  readonly hotkey: Key;
  /** The key that will own it and signs. */
  readonly coldkey: Key;
  /** Expected seals per win, 1 to 2^64 - 1. */
  readonly difficulty: bigint;
}

/** What runtimes up to spec 393, the faucet and old local chains ask. */
export interface LegacyChallenge {
  readonly protocol: 'legacy';
  /** How a seal is read as a number: `big` up to spec 277 and in the Python SDK, `little` since 283. */
  readonly order: 'big' | 'little';
  /** Hash of the block that asks. */
  readonly blockHash: Bytes32;
  /** The key that registers; the coldkey for the faucet. */
  readonly hotkey: Key;
  /** Expected seals per win, 1 to 2^64 - 1. */
  readonly difficulty: bigint;
}

/** What a block asks of a key. */
export type Challenge = V1Challenge | LegacyChallenge;

/** A nonce that wins, recomputed in full before it is handed out. */
export interface Solution {
  /** The winning nonce, 0 to 2^64 - 1. */
  readonly nonce: bigint;
  /** Its seal: 32 bytes. */
  readonly seal: Uint8Array;
  /** What it solves: the very object that was given. */
  readonly challenge: Challenge;
  /** The number of the block, if it was given. */
  readonly blockNumber: bigint | undefined;
  /** Which device found it, as in `wasm:0` or `webgpu:0`. */
  readonly device: string;
  /** Whether it is for the present challenge; one for an earlier challenge may still count. */
  readonly current: boolean;
}

/** What was counted. Times in seconds, rates in hashes per second. The names are the Python SDK's. */
export interface Rates {
  /** Wall time since the first round began. */
  readonly timeSpentTotal: number;
  /** Rounds finished. */
  readonly roundsTotal: number;
  /** Mean duration of a round. */
  readonly timeAverage: number;
  /** Duration of the last round. */
  readonly timeSpent: number;
  /** Nonces tried since the first round began, per second of wall time. */
  readonly hashRatePerpetual: number;
  /** Moving average of the last ten samples of a quarter second, the newest weighing most. */
  readonly hashRate: number;
  /** Nonces tried. */
  readonly noncesTotal: number;
}

/** How a search stands: the rates of all devices together, and what follows from them. */
export interface Statistics extends Rates {
  /** Expected seals per win. */
  readonly difficulty: bigint;
  /** The number of the block, if it was given. */
  readonly blockNumber: bigint | undefined;
  /** Seconds until a solution, on average, from now on; `undefined` before the first round. */
  readonly expectedTime: number | undefined;
  /** The chance, 0 to 1, with which the nonces tried so far would have brought a solution. */
  readonly chance: number;
  /** The rates of each device, dropped ones included. */
  readonly devices: readonly Device[];
}

/** One device. */
export interface Device extends Rates {
  /** Its name, as in `wasm:0` or `webgpu:0`. */
  readonly name: string;
  /** What hashes: WebAssembly in a worker, or the GPU. */
  readonly kind: DeviceKind;
  /**
   * How it hashes; empty until it has started. Of a worker its lanes: `simd128`, or `portable` where
   * there is no SIMD. Of a GPU its tuning, as in `flat3x64`, for {@link SolverOptions.gpuTuning}.
   */
  readonly lanes: string;
  /** What the browser tells of the GPU, as in `nvidia, lovelace`; `undefined` for a worker. */
  readonly adapter: string | undefined;
  /** Why it gets no more work, if so. */
  readonly error: BtpowError | undefined;
}

/** A kind of device: WebAssembly in workers, or the GPU through WebGPU. */
export type DeviceKind = 'wasm' | 'webgpu';

/** A WebAssembly module, or where to get it. */
export type WasmSource = string | URL | Response | BufferSource | WebAssembly.Module;

/** The least of a worker that is needed: a browser's `Worker` or one of Node's `worker_threads`. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** Where the files of this package are, when it does not find them itself. */
export interface Overrides {
  /**
   * The WebAssembly module. By default the file next to this one: `btpow_bg.wasm`, or
   * `btpow_scalar_bg.wasm` where there is no SIMD.
   */
  readonly wasm?: WasmSource | Promise<WasmSource>;
  /**
   * The worker: the URL of `btpow/worker`, or what makes one. By default the file next to this one; if
   * that cannot be started, the same from a Blob.
   */
  readonly worker?: string | URL | (() => WorkerLike);
  /**
   * The module of what has to do with registrations, which is only loaded when a function needs it. By default
   * `btpow_registration_bg.wasm` next to this file.
   */
  readonly registrationWasm?: WasmSource | Promise<WasmSource>;
  /** The module of the GPU, which is only loaded where there is one. By default `btpow_gpu_bg.wasm` next to this file. */
  readonly gpuWasm?: WasmSource | Promise<WasmSource>;
  /**
   * The worker of the GPU: the URL of `btpow/gpu-worker`, or what makes one. By default the file next to
   * this one; if that cannot be started, or has no WebGPU, the GPU is driven from this thread, for less than
   * a frame at a time.
   */
  readonly gpuWorker?: string | URL | (() => WorkerLike);
}

/** How to search. */
export interface SolverOptions extends Overrides {
  /**
   * What hashes. `'auto'`, the default, is WebAssembly in workers, and the GPU where there is one. What is
   * named must be there: without it `webgpu-unavailable` is thrown. Software that acts as a GPU is slower than the
   * workers, and is used by name only.
   */
  readonly devices?: 'auto' | DeviceKind | readonly DeviceKind[];
  /** How many workers of WebAssembly, 1 to 1024; by default one per processor. */
  readonly workers?: number;
  /**
   * How the kernel is compiled for the GPU: {@link Device.lanes} of an earlier visit to the same machine. Without
   * it some ways are tried for about two seconds before the GPU begins, once per page.
   */
  readonly gpuTuning?: string;
  /** Ends the search at once. */
  readonly signal?: AbortSignal;
}

/** How to solve one challenge. */
export interface SolveOptions extends SolverOptions {
  /** Milliseconds after which the search is given up; by default never. */
  readonly timeout?: number;
  /** The number of the block that asks; it is passed through to statistics and solution. */
  readonly blockNumber?: bigint;
  /** The nonce at which the search begins, 0 to 2^64 - 1; by default one at random. */
  readonly start?: bigint;
  /** Called a few times a second. */
  readonly onProgress?: (statistics: Statistics) => void;
}

/** What else belongs to a challenge. */
export type SearchOptions = Pick<SolveOptions, 'blockNumber' | 'start'>;

/** What a solver tells. */
export interface SolverEvents {
  /** A solution, for the present challenge or one before: of each round the lowest. */
  solution: Solution;
  /** How the search stands, a few times a second. */
  progress: Statistics;
  /** A device was dropped (`device-failed`), or the last one was (`no-device`). */
  error: BtpowError;
}
