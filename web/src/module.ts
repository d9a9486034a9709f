/** Finds, compiles and starts the WebAssembly modules. */

import { BtpowError, invalid } from './errors.js';
import { OVERRIDES, named } from './names.js';
import { WASM_POLICY, forbidsWasm, watchPolicy } from './policy.js';
import { isA } from './realm.js';
import * as registration from './registration.js';
import type { Overrides, WasmSource } from './types.js';
import * as wasm from './wasm.js';

/** What the module exports. */
export type Module = typeof wasm;

/** What the registration module exports. */
export type RegistrationModule = typeof registration;

/** The module, started in this thread, and its compiled form for workers. */
export interface Loaded {
  readonly module: Module;
  readonly compiled: WebAssembly.Module;
}

/** Where an entry of the package finds its files. */
export interface Assets {
  /** The module for engines with SIMD or without. */
  wasm(simd: boolean): WasmSource;
  /** The registration module. */
  registration(): WasmSource;
  /** Where the worker is; absent when there is only its source. */
  readonly worker?: () => URL;
  /** The worker's source, for a Blob. */
  workerSource(): Promise<string>;
  /** What the GPU needs; `undefined` in an entry without its module. */
  readonly gpu: GpuAssets | undefined;
}

/** Where the GPU's files are. */
export interface GpuAssets {
  wasm(): URL;
  worker(): URL;
  /** The same as the worker, for this thread. */
  thread(): Promise<typeof import('./gpu-thread.js')>;
}

let assets: Assets;

/** The package's entry calls this once. */
export function provide(given: Assets): void {
  assets = given;
}

/** What the package's entry provided. */
export function provided(): Assets {
  return assets;
}

/**
 * A module with the function `i8x16.popcnt(i8x16.splat(0))`: valid where there is SIMD.
 * `i8x16.popcnt` came last into the standard, so engines with an earlier draft reject it.
 */
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** Whether this engine has WebAssembly SIMD. */
export function hasSimd(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

/** Makes a value at the first call and returns it at each one. It forgets a failure: the next call may give another source. */
function once<A extends unknown[], T>(make: (...given: A) => Promise<T>): (...given: A) => Promise<T> {
  let made: Promise<T> | undefined;
  return (...given) => {
    if (!made) {
      const making = make(...given);
      made = making;
      making.catch(() => {
        made = undefined;
      });
    }
    return made;
  };
}

/**
 * The module: the first call compiles and starts it, and all later ones share it.
 *
 * @throws {@link BtpowError} `invalid-argument`, `wasm-load`, `wasm-csp`.
 */
export async function load(overrides: Overrides = {}): Promise<Loaded> {
  named(overrides, 'overrides', OVERRIDES);
  return loadModule(overrides);
}

const loadModule = once(async (overrides: Overrides): Promise<Loaded> => {
  if (typeof WebAssembly !== 'object') {
    throw new BtpowError('wasm-load', 'this engine has no WebAssembly, or it is switched off');
  }
  const compiled = known(await compile(await (overrides.wasm ?? assets.wasm(hasSimd())), 'wasm'), 'engine_step');
  started(() => wasm.initSync({ module: compiled }));
  return { module: wasm, compiled };
});

/** The registration module: the first call compiles and starts it, and all later ones share it. */
const loadRegistration = once(async (overrides: Overrides): Promise<RegistrationModule> => {
  const source = await (overrides.registrationWasm ?? assets.registration());
  const module = known(await compile(source, 'registrationWasm'), 'powregister_encode');
  started(() => registration.initSync({ module }));
  return registration;
});

/** Both modules: the first reads keys and hashes for the second. */
export async function loadBoth(overrides: Overrides = {}): Promise<{ module: Module; registration: RegistrationModule }> {
  const [{ module }, registration] = await Promise.all([load(overrides), loadRegistration(overrides)]);
  return { module, registration };
}

/** The GPU's module: the first call compiles it, and all later ones share it. */
export const loadGpu = once(
  async (source: WasmSource | Promise<WasmSource>): Promise<WebAssembly.Module> =>
    known(await compile(await source, 'gpuWasm'), 'gpu_scan'),
);

/**
 * Uses an object in a module's memory, and then frees it. After a panic it does not: the object would still be in use, and
 * the error from freeing it would hide the panic's.
 */
export function consume<O extends { free(): void }, T>(object: O, use: (object: O) => T): T {
  const result = use(object);
  object.free();
  return result;
}

const ANOTHER = 'the WebAssembly module is not from this version of btpow';

/** Starts a module that has exports of the right name, but may still be of another version. */
function started(start: () => void): void {
  try {
    start();
  } catch (error) {
    // WebKit compiles a module under any policy, and refuses to start it.
    if (forbidsWasm(text(error))) throw new BtpowError('wasm-csp', WASM_POLICY, { cause: error });
    throw new BtpowError('wasm-load', ANOTHER, { cause: error });
  }
}

/** Checks that a module exports this: a worker would find out later, and could not say it so well. */
function known(compiled: WebAssembly.Module, name: string): WebAssembly.Module {
  if (WebAssembly.Module.exports(compiled).some((each) => each.name === name)) return compiled;
  throw new BtpowError('wasm-load', ANOTHER);
}

async function compile(source: WasmSource, argument: string): Promise<WebAssembly.Module> {
  if (ArrayBuffer.isView(source) || isA(source, 'ArrayBuffer')) return compileBytes(source as BufferSource);
  if (isA(source, 'Response')) return compileBytes(await body(source, source.url || 'the given response'));
  if (typeof source === 'string' || isA(source, 'URL')) return compileBytes(await read(source, argument));
  // A clone is of this realm: what starts a module takes no other.
  if (isA(source, 'WebAssembly.Module')) return source instanceof WebAssembly.Module ? source : structuredClone(source);
  throw invalid(argument, 'a URL, a Response, bytes or a WebAssembly.Module', source);
}

/** Fetches a file, or reads it from the disk. */
async function read(url: string | URL, argument: string): Promise<BufferSource> {
  const href = absolute(url);
  if (href === undefined) {
    if (typeof url === 'string') throw invalid(argument, 'a URL', url);
    throw new BtpowError('wasm-load', `${argument} is at ${String(url)}, which is relative to nothing here. ${SERVER}`);
  }
  const fs = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  const policy = watchPolicy();
  try {
    // Node's fetch has no file: URLs.
    if (href.startsWith('file:') && fs) return new Uint8Array(await fs.readFile(new URL(href)));
    return await body(await fetch(href), href);
  } catch (error) {
    if (error instanceof BtpowError) throw error;
    const directive = await policy.violated();
    if (directive) {
      const message = `the page's Content-Security-Policy forbids fetching ${href}: add its origin to ${directive}`;
      throw new BtpowError('wasm-csp', message, { cause: error });
    }
    throw new BtpowError('wasm-load', `cannot read ${href}: ${text(error)}. ${ADVICE}`, { cause: error });
  } finally {
    policy.end();
  }
}

/** Where something is, in full; `undefined` for a relative URL where there is no page. */
function absolute(url: string | URL): string | undefined {
  try {
    return new URL(String(url), globalThis.document?.baseURI ?? globalThis.location?.href).href;
  } catch {
    return undefined;
  }
}

async function body(response: Response, url: string): Promise<ArrayBuffer> {
  if (!response.ok) {
    throw new BtpowError('wasm-load', `cannot fetch ${url}: status ${response.status}. ${ADVICE}`);
  }
  return response.arrayBuffer();
}

/** Servers answer 404, or with their start page, when a bundler moved only the JavaScript. */
const ADVICE =
  'With Vite in development, add btpow to optimizeDeps.exclude; with a bundler that leaves the file ' +
  'behind, give its URL as `wasm`, or import btpow/inline';

/** Bundlers give code for servers the addresses that browsers would use. */
const SERVER =
  'Code for a server must not be bundled with btpow: in Next, add btpow to serverExternalPackages; with another bundler, ' +
  'make it external, or import btpow/inline';

async function compileBytes(bytes: BufferSource): Promise<WebAssembly.Module> {
  const view = ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
  // "\0asm"
  if (![0, 97, 115, 109].every((byte, index) => view[index] === byte)) {
    throw new BtpowError('wasm-load', `what was read is not a WebAssembly file. ${ADVICE}`);
  }
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    // A policy refuses valid modules too.
    if (forbidsWasm(text(error))) throw new BtpowError('wasm-csp', WASM_POLICY, { cause: error });
    throw new BtpowError('wasm-load', `cannot compile the module: ${text(error)}`, { cause: error });
  }
}

/** The message of an error. */
export function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
