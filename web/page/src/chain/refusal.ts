/** Reads why a call failed. */

import { toHex } from '@polkadot-api/utils';
import { line } from '../words.ts';
import type { Runtime } from './runtime.ts';

/** Why a call failed in its block. */
export interface DispatchRefusal {
  /** The pallet that the error belongs to; empty for the runtime's own. */
  readonly pallet: string;
  /** As in `InvalidWorkBlock`. */
  readonly name: string;
}

/** A `DispatchError` as the metadata's codec gives it. */
interface DispatchError {
  readonly type?: string;
  readonly value?: unknown;
}

/** Names an error by the runtime's metadata. The names come from an endpoint. */
export function dispatchRefusal(runtime: Runtime, error: DispatchError): DispatchRefusal {
  const { pallet, name } = named(runtime, error);
  return { pallet: line(pallet, 60), name: line(name, 60) };
}

function named(runtime: Runtime, { type = 'unknown', value }: DispatchError): DispatchRefusal {
  if (type === 'Module' && typeof value === 'object' && value !== null) {
    // The codec names the pallet and the error where it can, and leaves numbers where it cannot.
    const module = value as { type?: string; value?: { type?: string }; index?: number; error?: unknown };
    if (module.type !== undefined && module.value?.type !== undefined) {
      return { pallet: module.type, name: module.value.type };
    }
    const index = Number(module.index);
    const bytes = typeof module.error === 'string' ? module.error : module.error instanceof Uint8Array ? toHex(module.error) : '';
    const number = Number.parseInt(bytes.slice(2, 4), 16);
    const known = runtime.errorName(index, number);
    return known ?? { pallet: '', name: `error ${number} of pallet ${index}` };
  }
  return { pallet: '', name: type };
}
