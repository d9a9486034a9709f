/** Why the chain did not take what was sent. */

import { toHex } from '@polkadot-api/utils';
import type { DispatchRefusal, PoolRefusal } from '../session/types.ts';
import { line } from '../words.ts';
import type { Runtime } from './runtime.ts';

/** Reads what a node answers: the code of the JSON-RPC error, its message and its data. */
export function poolRefusal(code: number, message: string, data: string): PoolRefusal {
  if (code === 1012) return { kind: 'banned', words: 'the node refuses it for a while' };
  if (code === 1013) return { kind: 'known', words: 'the pool has it already' };
  if (code === 1014) return { kind: 'occupied', words: 'the pool holds another with the same nonce' };
  const text = `${message} ${data}`.toLowerCase();
  const has = (...words: string[]): boolean => words.some((word) => text.includes(word));
  // Nodes write the reason in words, test chains as JSON: `Custom error: 255`, `{"invalid":{"custom":255}}`.
  const custom = /custom\D*(\d+)/.exec(text);
  if (custom) return { kind: 'custom', words: `the chain's own rules (code ${custom[1]})` };
  if (has('outdated', 'stale', 'ancient')) return { kind: 'outdated', words: 'it is outdated' };
  if (has('bad signature', 'badproof', 'bad proof')) {
    return { kind: 'bad-signature', words: 'its signature does not fit this chain at this moment' };
  }
  if (has('future')) return { kind: 'future', words: "its nonce is ahead of the account's" };
  if (has('inability to pay', 'payment')) return { kind: 'payment', words: 'the account cannot pay its fee' };
  return { kind: 'other', words: line(data === '' ? message : data) };
}

/** As the metadata's codec gives a `DispatchError`. */
interface DispatchError {
  readonly type?: string;
  readonly value?: unknown;
}

/** Names an error by the runtime's metadata, whose names are an endpoint's. */
export function dispatchRefusal(runtime: Runtime, error: DispatchError): DispatchRefusal {
  const { name, words } = named(runtime, error);
  return { name, words: line(words, 120) };
}

function named(runtime: Runtime, { type = 'unknown', value }: DispatchError): DispatchRefusal {
  if (type === 'Module' && typeof value === 'object' && value !== null) {
    // The codec names the pallet and the error where it can, and leaves numbers where it cannot.
    const module = value as { type?: string; value?: { type?: string }; index?: number; error?: unknown };
    if (module.type !== undefined && module.value?.type !== undefined) {
      return { name: module.value.type, words: `${module.type}.${module.value.type}` };
    }
    const index = Number(module.index);
    const bytes = typeof module.error === 'string' ? module.error : module.error instanceof Uint8Array ? toHex(module.error) : '';
    const number = Number.parseInt(bytes.slice(2, 4), 16);
    const known = runtime.errorName(index, number);
    if (known) return { name: known.name, words: `${known.pallet}.${known.name}` };
    return { name: 'unknown', words: `error ${number} of pallet ${index}` };
  }
  return { name: type, words: type };
}
