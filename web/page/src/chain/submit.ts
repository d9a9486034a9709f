/** Sends a signed call and tells what becomes of it. */

import { toHex } from '@polkadot-api/utils';
import type { Outcome, Progress } from '../session/types.ts';
import { said } from '../words.ts';
import type { Connection, Header } from './connection.ts';
import { dispatchRefusal, poolRefusal } from './refusal.ts';
import { Refused } from './rpc.ts';
import { PALLET, type Runtime } from './runtime.ts';
import { ChainError, isHash } from './types.ts';

/** As nodes tell it: a word, or a word with a block. */
type Status = string | Record<string, unknown>;

const TOPICS = ['author_submitAndWatchExtrinsic', 'author_unwatchExtrinsic'] as const;

/** News of one submission that are listened to: real ones are few. */
const MOST_NEWS = 64;

/** Sends it and tells, until there is nothing more to tell. */
export async function submit(
  connection: Connection,
  runtime: Runtime,
  extrinsic: Uint8Array,
  tell: (progress: Progress) => void,
): Promise<void> {
  const { rpc } = connection;
  let over = false;
  let news: Promise<void> = Promise.resolve();
  let stop: (() => void) | undefined;
  const end = (progress: Progress): void => {
    if (over) return;
    over = true;
    stop?.();
    tell(progress);
  };
  const hear = async (status: Status | null): Promise<void> => {
    if (over) return;
    const [kind, value] = typeof status === 'string' ? [status, undefined] : (Object.entries(status ?? {})[0] ?? ['', undefined]);
    switch (kind) {
      case 'ready':
      case 'future':
        return tell({ kind: 'waiting' });
      case 'inBlock':
        if (!isHash(value)) return end({ kind: 'lost', reason: 'the node names no block' });
        return tell(await included(connection, runtime, extrinsic, value));
      case 'retracted':
        return tell({ kind: 'retracted' });
      case 'finalized':
        return end({ kind: 'finalized', hash: String(value) });
      // It stays in its block, whoever watches.
      case 'finalityTimeout':
        return end({ kind: 'lost', reason: 'the block was not finalised in time' });
      case 'usurped':
      case 'dropped':
      case 'invalid':
        return end({ kind: 'gone', how: kind });
      default:
        return;
    }
  };
  rpc.onLost((error) => end({ kind: 'lost', reason: said(error) }));
  try {
    let heard = 0;
    stop = await rpc.subscribe(TOPICS, [toHex(extrinsic)], (status) => {
      heard += 1;
      if (heard > MOST_NEWS) return end({ kind: 'lost', reason: 'the node does not stop telling' });
      // One after the other, as reading a block takes its time.
      news = news.then(() => hear(status as Status | null));
    });
    if (over) stop();
  } catch (error) {
    // Without an answer it may have arrived before the connection broke.
    if (error instanceof Refused) end({ kind: 'refused', refusal: poolRefusal(error.code, error.reason, error.data) });
    else end({ kind: 'lost', reason: said(error) });
  }
}

/** What an extrinsic did in a block. */
async function included(connection: Connection, runtime: Runtime, extrinsic: Uint8Array, hash: string): Promise<Progress> {
  let number: number | undefined;
  const told = (outcome: Outcome): Progress => ({ kind: 'in-block', block: { hash, number }, outcome });
  try {
    const events = runtime.item<readonly EventRecord[]>('System', 'Events');
    const [body, values] = await Promise.all([
      connection.rpc.request<{ block: { header: Header; extrinsics: string[] } } | null>('chain_getBlock', [hash]),
      connection.rpc.request<string | null>('state_getStorage', [events.key, hash]),
    ]);
    if (!body) throw new ChainError('the node does not know it', true);
    number = Number(body.block.header.number);
    const hex = toHex(extrinsic);
    const index = body.block.extrinsics.findIndex((other) => other.toLowerCase() === hex);
    if (index < 0) throw new ChainError('the extrinsic is not in it', true);
    return told(outcome(runtime, events.read(values), index));
  } catch (error) {
    return told({ kind: 'unknown', reason: said(error) });
  }
}

/** As the metadata's codec gives an event. */
export interface EventRecord {
  readonly phase: { readonly type: string; readonly value?: unknown };
  readonly event: { readonly type: string; readonly value: { readonly type: string; readonly value?: unknown } };
}

/** What the events of a block say of the extrinsic at `index`. */
export function outcome(runtime: Runtime, events: readonly EventRecord[], index: number): Outcome {
  for (const { phase, event } of events) {
    if (phase.type !== 'ApplyExtrinsic' || phase.value !== index) continue;
    const { type: name, value } = event.value;
    if (event.type === 'System' && name === 'ExtrinsicFailed') {
      const { dispatch_error: error } = value as { dispatch_error: { type?: string; value?: unknown } };
      return { kind: 'failed', refusal: dispatchRefusal(runtime, error) };
    }
    if (event.type === PALLET && name === 'NeuronRegistered') {
      // (netuid, uid, hotkey), where the metadata says so.
      const uid = Array.isArray(value) ? (value[1] as unknown) : undefined;
      if (typeof uid === 'number') return { kind: 'registered', uid };
    }
  }
  return { kind: 'unknown', reason: 'it tells nothing of the extrinsic' };
}
