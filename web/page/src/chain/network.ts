/** Where a chain is: names, endpoints, and the genesis that it must have. */

import { toHex } from '@polkadot-api/utils';
import { genesisOf, started } from '../registration/module.ts';

/** What the visitor can choose. */
export type Choice = 'finney' | 'test' | 'local' | 'custom';

/** A chain and the ways to it. */
export interface Network {
  readonly name: string;
  /** The first to try comes first. */
  readonly endpoints: readonly string[];
  /** The genesis hash that it must have, if known. */
  readonly genesis: string | undefined;
}

/** What the visitor can choose, with its label. */
export const CHOICES: readonly { choice: Choice; label: string }[] = [
  { choice: 'finney', label: 'Finney, the main network' },
  { choice: 'test', label: 'Test network' },
  { choice: 'local', label: 'A chain on this machine' },
  { choice: 'custom', label: 'Another endpoint' },
];

const NAMED: Record<Exclude<Choice, 'custom'>, readonly string[]> = {
  finney: [
    'wss://entrypoint-finney.opentensor.ai:443',
    'wss://lite.chain.opentensor.ai:443',
    'wss://lite.sub.latent.to:443',
  ],
  test: ['wss://test.finney.opentensor.ai:443'],
  local: ['ws://127.0.0.1:9944'],
};

/** The chosen network; `endpoint` is what the visitor typed for `custom`. */
export async function network(choice: Choice, endpoint: string): Promise<Network> {
  if (choice === 'custom') return { name: 'this chain', endpoints: [readEndpoint(endpoint)], genesis: undefined };
  await started();
  const genesis = genesisOf(choice);
  return { name: choice, endpoints: NAMED[choice], genesis: genesis && toHex(genesis) };
}

/** Hosts whose plain sockets nobody else can read; the page's policy has the same list. */
const LOOPBACK = ['127.0.0.1', 'localhost'];

/**
 * Reads the URL of a node.
 *
 * @throws An error that says what is wrong and what is expected.
 */
export function readEndpoint(text: string): string {
  const expected = 'Give the URL of a node, like wss://host:443.';
  if (text.trim() === '') throw new Error(expected);
  if (!URL.canParse(text.trim())) throw new Error(`${JSON.stringify(text.trim().slice(0, 60))} is not a URL. ${expected}`);
  const url = new URL(text.trim());
  if (url.protocol !== 'wss:' && url.protocol !== 'ws:') {
    throw new Error(`${url.protocol}// is not a WebSocket. ${expected}`);
  }
  if (url.protocol === 'ws:' && !LOOPBACK.includes(url.hostname)) {
    throw new Error('Others can read and change ws:// traffic to another machine. Use wss://.');
  }
  url.hash = '';
  return url.href;
}

/** An endpoint without the parts that may be secret: user, password, path and query. */
export function shown(endpoint: string): string {
  const { protocol, host } = new URL(endpoint);
  return `${protocol}//${host}`;
}
