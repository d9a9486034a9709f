import { isA } from './realm.js';

/**
 * What went wrong, for programs.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid-argument` | a value has the wrong type, length or range; `argument` names it |
 * | `invalid-key` | a hotkey or coldkey is neither a Bittensor SS58 address nor 0x-hex; `argument` names it |
 * | `refused` | a runtime takes no proof of work, or differs from those that this package knows: it gets nothing to sign |
 * | `not-a-solution` | the nonce for a call does not win |
 * | `wasm-load` | the WebAssembly file could not be fetched, or is not one |
 * | `wasm-csp` | the page's Content-Security-Policy forbids WebAssembly or fetching it |
 * | `worker-load` | no worker could be started |
 * | `worker-csp` | the page's Content-Security-Policy forbids the worker |
 * | `webgpu-unavailable` | `devices` names WebGPU, but this engine, machine or entry has none |
 * | `software-gpu` | a warning: the GPU that `devices` names is software, and slows the workers down |
 * | `device-failed` | one device was dropped because it ended, stopped or gave a wrong answer; the others go on |
 * | `no-device` | the last device was dropped |
 * | `aborted` | the signal was aborted |
 * | `timeout` | the time ran out |
 * | `disposed` | the solver was disposed of |
 */
export type ErrorCode =
  | 'invalid-argument'
  | 'invalid-key'
  | 'refused'
  | 'not-a-solution'
  | 'wasm-load'
  | 'wasm-csp'
  | 'worker-load'
  | 'worker-csp'
  | 'webgpu-unavailable'
  | 'software-gpu'
  | 'device-failed'
  | 'no-device'
  | 'aborted'
  | 'timeout'
  | 'disposed';

/** More about an error. */
export interface ErrorDetails {
  /** The underlying cause, for example the signal's reason. */
  cause?: unknown;
  /** Which argument is wrong, as in `challenge.hotkey`. */
  argument?: string;
  /** Which device failed, as in `wasm:0` or `webgpu:0`. */
  device?: string;
}

/**
 * Every error of this package.
 *
 * Its `name` is `AbortError` for the code `aborted` and `TimeoutError` for `timeout`, as with the
 * platform's own functions; otherwise it is `BtpowError`.
 *
 * @example
 * ```js
 * try {
 *   await solve(challenge, { timeout: 10_000 });
 * } catch (error) {
 *   if (error instanceof BtpowError && error.code === 'timeout') console.log('no luck');
 * }
 * ```
 */
export class BtpowError extends Error {
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** Which argument is wrong, as in `challenge.hotkey`. */
  readonly argument: string | undefined;
  /** Which device failed, as in `wasm:0` or `webgpu:0`. */
  readonly device: string | undefined;

  /** This package makes its errors; you have no need to. */
  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    // Engines from before 2021 ignore the option.
    if ('cause' in details && !('cause' in this)) Object.defineProperty(this, 'cause', { value: details.cause });
    this.name = code === 'aborted' ? 'AbortError' : code === 'timeout' ? 'TimeoutError' : 'BtpowError';
    this.code = code;
    this.argument = details.argument;
    this.device = details.device;
  }
}

/** An error for an unusable value: says what it should be, and what it is. */
export function invalid(argument: string, expected: string, value: unknown): BtpowError {
  const message = `${argument} must be ${expected}, not ${show(value)}`;
  return new BtpowError('invalid-argument', message, { argument });
}

/** A value, shortened for a message. */
function show(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > 80 ? `${JSON.stringify(value.slice(0, 77))}…` : JSON.stringify(value);
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (isA(value, 'Uint8Array')) return `${value.length} bytes`;
  if (typeof value === 'object' && value !== null) return value.constructor?.name ?? 'an object';
  return String(value);
}

/**
 * Calls into a module. What the call throws has the reason in words, and becomes an error with the given code; a trap is a
 * bug, and no argument is to blame for it.
 */
export function attempt<T>(code: ErrorCode, argument: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof WebAssembly.RuntimeError) {
      throw new BtpowError('device-failed', `the WebAssembly module failed: ${reason}`, { cause: error });
    }
    throw new BtpowError(code, `${argument}: ${reason}`, { cause: error, argument });
  }
}
