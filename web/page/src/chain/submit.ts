/** Sends a signed call, and reports what becomes of it. */

import { toHex } from '@polkadot-api/utils';
import type { Key } from '../keys.ts';
import { Place, Progress, bytes32 } from '../registration/module.ts';
import { line, said } from '../words.ts';
import { type Connection, type Header, headOf } from './connection.ts';
import { type DispatchRefusal, dispatchRefusal } from './refusal.ts';
import { Refused } from './rpc.ts';
import { PALLET, type Runtime } from './runtime.ts';
import { ChainError, isHash } from './types.ts';

/** A status as nodes send it: a word, or a word with a block. */
type Status = string | Record<string, unknown>;

const TOPICS = ['author_submitAndWatchExtrinsic', 'author_unwatchExtrinsic'] as const;

/** The most news of one submission that the page listens to. Real nodes send few. */
const MOST_NEWS = 64;

/** Sends the extrinsic that registers a hotkey, and reports its progress until the last news. */
export async function submit(
  connection: Connection,
  runtime: Runtime,
  hotkey: Key,
  extrinsic: Uint8Array,
  tell: (progress: Progress) => void,
): Promise<void> {
  const { rpc } = connection;
  let over = false;
  let news: Promise<void> = Promise.resolve();
  let stop: (() => void) | undefined;
  let forget: (() => void) | undefined;
  const end = (progress: Progress): void => {
    if (over) return;
    over = true;
    forget?.();
    stop?.();
    tell(progress);
  };
  const hear = async (status: Status | null): Promise<void> => {
    if (over) return;
    const [kind, value] = typeof status === 'string' ? [status, undefined] : (Object.entries(status ?? {})[0] ?? ['', undefined]);
    switch (kind) {
      case 'ready':
      case 'future':
        return tell(Progress.waiting());
      case 'inBlock':
        if (!isHash(value)) return end(Progress.lost('the node names no block'));
        return tell(await included(connection, runtime, hotkey, extrinsic, value));
      case 'retracted':
        return tell(Progress.retracted());
      case 'finalized':
        return end(Progress.finalized());
      // The extrinsic stays in its block even if nobody watches.
      case 'finalityTimeout':
        return end(Progress.lost('the block was not finalised in time'));
      case 'usurped':
      case 'dropped':
      case 'invalid':
        return end(Progress.gone(kind));
      default:
        return;
    }
  };
  forget = rpc.onLost((error) => end(Progress.lost(said(error))));
  try {
    let heard = 0;
    stop = await rpc.subscribe(TOPICS, [toHex(extrinsic)], (status) => {
      heard += 1;
      if (heard > MOST_NEWS) return end(Progress.lost('the node does not stop sending news'));
      // One after the other, since reading a block takes time.
      news = news.then(() => hear(status as Status | null)).catch((error) => end(Progress.lost(said(error))));
    });
    if (over) stop();
  } catch (error) {
    // If no answer came, the extrinsic may still have arrived before the connection broke.
    if (error instanceof Refused) end(Progress.refused(error.code, line(error.reason), line(error.data)));
    else end(Progress.lost(said(error)));
  }
}

/** What an extrinsic did in a block. */
async function included(
  connection: Connection,
  runtime: Runtime,
  hotkey: Key,
  extrinsic: Uint8Array,
  hash: string,
): Promise<Progress> {
  let number: number | undefined;
  const place = (): Place => new Place(bytes32(hash), number);
  try {
    const events = runtime.item<readonly EventRecord[]>('System', 'Events');
    const [body, values] = await Promise.all([
      connection.rpc.request<{ block: { header: Header; extrinsics: string[] } } | null>('chain_getBlock', [hash]),
      connection.rpc.request<string | null>('state_getStorage', [events.key, hash]),
    ]);
    if (!body) throw new ChainError('the node does not know it', true);
    ({ number } = headOf(body.block.header));
    const hex = toHex(extrinsic);
    const index = body.block.extrinsics.findIndex((other) => other.toLowerCase() === hex);
    if (index < 0) throw new ChainError('the extrinsic is not in it', true);
    const result = outcome(runtime, events.read(values), index);
    if (!result) throw new ChainError('it says nothing about the extrinsic', true);
    if ('uid' in result) return Progress.registered(place(), result.uid, bytes32(hotkey.hex));
    return Progress.failed(place(), result.pallet, result.name);
  } catch (error) {
    return Progress.unreadable(place(), said(error));
  }
}

/** An event as the metadata's codec gives it. */
export interface EventRecord {
  readonly phase: { readonly type: string; readonly value?: unknown };
  readonly event: { readonly type: string; readonly value: { readonly type: string; readonly value?: unknown } };
}

/** What a block's events say about the extrinsic at `index`, if anything. */
export function outcome(
  runtime: Runtime,
  events: readonly EventRecord[],
  index: number,
): { readonly uid: number } | DispatchRefusal | undefined {
  for (const { phase, event } of events) {
    if (phase.type !== 'ApplyExtrinsic' || phase.value !== index) continue;
    const { type: name, value } = event.value;
    if (event.type === 'System' && name === 'ExtrinsicFailed') {
      const { dispatch_error: error } = value as { dispatch_error: { type?: string; value?: unknown } };
      return dispatchRefusal(runtime, error);
    }
    if (event.type === PALLET && name === 'NeuronRegistered') {
      // (netuid, uid, hotkey), where the metadata says so.
      const uid = Array.isArray(value) ? (value[1] as unknown) : undefined;
      if (Number.isInteger(uid) && (uid as number) >= 0 && (uid as number) <= 0xffff) return { uid: uid as number };
    }
  }
  return undefined;
}
