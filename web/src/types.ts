import type { BtpowError } from './errors.js';

/** A class of the platform, if the compiler knows it: a program may have neither the DOM's types nor Node's. */
type Platform<Name extends string> = typeof globalThis extends { readonly [N in Name]: { readonly prototype: infer Type } }
  ? Type
  : never;

/** A compiled module, in the same way. */
type Compiled = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Type } } } ? Type : never;

/** Bytes: a `Uint8Array`, or hexadecimal digits after `0x`, two for each. */
export type Bytes = Uint8Array | string;

/** 32 bytes: a `Uint8Array` of that length, or 64 hexadecimal digits after `0x`. */
export type Bytes32 = Bytes;

/** A public key: 32 bytes, or an SS58 address of Bittensor (network 42, those that begin with 5). */
export type Key = Bytes32;

/** What `pow_register` asks for, on finney since spec 475. */
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

/** What runtimes up to spec 393, the faucet and old local chains ask for. */
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

/** A winning nonce, whose seal was recomputed in full. */
export interface Solution {
  /** The winning nonce, 0 to 2^64 - 1. */
  readonly nonce: bigint;
  /** Its seal: 32 bytes. */
  readonly seal: Uint8Array;
  /** What it solves: the very object that you gave. */
  readonly challenge: Challenge;
  /** The number of the block, if you gave it. */
  readonly blockNumber: bigint | undefined;
  /** Which device found it, as in `wasm:0` or `webgpu:0`. */
  readonly device: string;
  /** Whether it is for the present challenge; one for an earlier challenge may still count. */
  readonly current: boolean;
}

/** Counts. Times are in seconds, rates in hashes per second. The names are the Python SDK's. */
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

/** How a search is going: the rates of all devices together, and what follows from them. */
export interface Statistics extends Rates {
  /** Expected seals per win. */
  readonly difficulty: bigint;
  /** The number of the block, if you gave it. */
  readonly blockNumber: bigint | undefined;
  /** Seconds until a solution, on average, from now on; `undefined` before the first round. */
  readonly expectedTime: number | undefined;
  /** The chance, 0 to 1, that as many nonces as were tried so far bring a solution. */
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
   * How it hashes; empty until it has started. For a worker, its instruction set: `simd128`, or `portable`
   * without SIMD. For a GPU, its tuning, as in `flat3x64`, for {@link SolverOptions.gpuTuning}.
   */
  readonly lanes: string;
  /** What the browser says about the GPU, as in `nvidia, lovelace`; `undefined` for a worker. */
  readonly adapter: string | undefined;
  /**
   * Whether it rests, because the processors do no more with it than without it. Only where you leave the number of workers to the
   * package: see {@link SolverOptions.workers}.
   */
  readonly parked: boolean;
  /** Why it was dropped, if it was. */
  readonly error: BtpowError | undefined;
}

/** A kind of device: WebAssembly in workers, or the GPU through WebGPU. */
export type DeviceKind = 'wasm' | 'webgpu';

/** A WebAssembly module, or where to get it. */
export type WasmSource = string | Platform<'URL'> | Platform<'Response'> | ArrayBufferView | ArrayBuffer | Compiled;

/** The least that a worker must have: a browser's `Worker`, or one of Node's `worker_threads`. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
}

/** Where the files of this package are, if it does not find them itself. */
export interface Overrides {
  /**
   * The WebAssembly module. By default the file next to this one: `btpow_bg.wasm`, or
   * `btpow_scalar_bg.wasm` where there is no SIMD.
   */
  readonly wasm?: WasmSource | Promise<WasmSource>;
  /**
   * The worker: the URL of `btpow/worker`, or a function that makes one. By default the file next to this one,
   * or the same from a Blob if that does not start.
   */
  readonly worker?: string | Platform<'URL'> | (() => WorkerLike);
  /**
   * The registration module, which loads only when a function needs it. By default `btpow_registration_bg.wasm` next to
   * this file.
   */
  readonly registrationWasm?: WasmSource | Promise<WasmSource>;
  /** The GPU's module, which loads only where there is a GPU. By default `btpow_gpu_bg.wasm` next to this file. */
  readonly gpuWasm?: WasmSource | Promise<WasmSource>;
  /**
   * The GPU's worker: the URL of `btpow/gpu-worker`, or a function that makes one. By default the file next to
   * this one. If that does not start, or has no WebGPU, this thread drives the GPU, for less than a frame at a
   * time.
   */
  readonly gpuWorker?: string | Platform<'URL'> | (() => WorkerLike);
}

/** How to search. */
export interface SolverOptions extends Overrides {
  /**
   * What hashes. `'auto'`, the default, is WebAssembly in workers, and the GPU where there is one. A device that
   * you name must exist; otherwise the error is `webgpu-unavailable`. Software that emulates a GPU is slower than the
   * workers, so it is used only if you name it; with workers that is worth a {@link SolverEvents.warning}.
   */
  readonly devices?: 'auto' | DeviceKind | readonly DeviceKind[];
  /**
   * How many WebAssembly workers, 1 to 1024. By default one for each processor that the browser reports, which may be too many:
   * within the first two seconds of the search the package finds out whether fewer are faster, and parks the others.
   */
  readonly workers?: number;
  /**
   * How to compile the kernel for the GPU: {@link Device.lanes} of an earlier visit on the same machine. Without
   * it, the package tries several ways for about two seconds before the GPU begins, once per page.
   */
  readonly gpuTuning?: string;
  /** Ends the search at once. */
  readonly signal?: Platform<'AbortSignal'>;
}

/** How to solve one challenge. */
export interface SolveOptions extends SolverOptions {
  /** Milliseconds after which to give up; by default never. */
  readonly timeout?: number;
  /** The number of the block that asks; statistics and solution repeat it. */
  readonly blockNumber?: bigint;
  /** The nonce at which the search begins, 0 to 2^64 - 1; by default a random one. */
  readonly start?: bigint;
  /** Called a few times a second. */
  readonly onProgress?: (statistics: Statistics) => void;
}

/** What may accompany a challenge. */
export type SearchOptions = Pick<SolveOptions, 'blockNumber' | 'start'>;

/** What a solver reports. */
export interface SolverEvents {
  /** The lowest solution of a round, for the present challenge or an earlier one. */
  solution: Solution;
  /** How the search is going, a few times a second. */
  progress: Statistics;
  /** Something that costs speed and nothing else: a GPU that is software beside workers (`software-gpu`). Once. */
  warning: BtpowError;
  /** A device was dropped (`device-failed`), or the last one was (`no-device`). */
  error: BtpowError;
}
