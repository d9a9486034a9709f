/** Finds a GPU, and what it needs. */

import { BtpowError } from './errors.js';
import type { ToWorker } from './messages.js';
import { type GpuAssets, loadGpu, provided } from './module.js';
import { type Started, startGpuWorker } from './pool.js';
import type { SolverOptions } from './types.js';

/** A GPU that the browser offers, and what it needs. */
export interface PreparedGpu {
  /** What the browser says about it: a few words at most. */
  readonly adapter: string;
  /** Whether it is software, which takes the workers' processors. */
  readonly software: boolean;
  /** The first message to its worker. */
  readonly message: ToWorker;
  /** Starts its worker. */
  start(): Promise<Started>;
}

/** The best tuning of each adapter, as trials in this page found it. */
const tunings = new Map<string, string>();

/** The tuning that an earlier trial found. */
function remembered(adapter: string): string | undefined {
  return tunings.get(adapter);
}

/** Keeps the tuning that a trial found. */
export function remember(adapter: string, tuning: string): void {
  tunings.set(adapter, tuning);
}

/** Names of software adapters, for browsers that do not mark them. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|software/i;

/**
 * Finds the GPU that the browser thinks fastest, and loads its module. It may be software only if `named`.
 *
 * @throws {@link BtpowError} `webgpu-unavailable`, `wasm-load`, `wasm-csp`.
 */
export async function prepareGpu(options: SolverOptions, named: boolean): Promise<PreparedGpu> {
  const assets = provided().gpu;
  if (!(assets || (options.gpuWasm && options.gpuWorker))) {
    throw unavailable('this entry has no module for the GPU: import btpow, or give both gpuWasm and gpuWorker');
  }
  const { adapter, software } = await findGpu();
  if (software && !named) throw unavailable('the only adapter is software');
  const module = await loadGpu(options.gpuWasm ?? (assets as GpuAssets).wasm());
  const tuning = options.gpuTuning ?? remembered(adapter);
  // Every tuning of software is equally slow.
  const message = { module, gpu: { tuning, trial: !software } };
  return { adapter, software, message, start: () => startGpuWorker(options, assets) };
}

async function findGpu(): Promise<{ readonly adapter: string; readonly software: boolean }> {
  const gpu = globalThis.navigator?.gpu;
  if (!gpu) {
    const insecure = globalThis.isSecureContext === false ? ', because the page does not use https' : '';
    throw unavailable(`this engine has no WebGPU${insecure}`);
  }
  let found: GPUAdapter | null;
  try {
    found = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (error) {
    throw unavailable('WebGPU exists, but does not work', error);
  }
  if (!found) throw unavailable('WebGPU exists, but has no adapter: no GPU, or none that the browser trusts');
  const { vendor = '', architecture = '', device = '', description = '', isFallbackAdapter } = found.info ?? {};
  const adapter = [vendor, architecture, device, description].filter((word) => word !== '').join(', ');
  // Browsers have moved the flag from the adapter to its info.
  const flag = isFallbackAdapter ?? (found as { isFallbackAdapter?: boolean }).isFallbackAdapter ?? false;
  return { adapter, software: flag || SOFTWARE.test(adapter) };
}

function unavailable(reason: string, cause?: unknown): BtpowError {
  const message = `${reason}. Leave webgpu out of devices`;
  const details = { argument: 'devices', device: 'webgpu:0' };
  return new BtpowError('webgpu-unavailable', message, cause === undefined ? details : { ...details, cause });
}
