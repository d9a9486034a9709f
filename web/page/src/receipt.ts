/** What the visitor can copy: a registration in words, and the address of the same choices. */

import type { Model } from './model.ts';
import { grouped } from './words.ts';

/** The registration in words. */
export function receipt(model: Model, page: string): string {
  const { result, netuid, hotkey, coldkey, chain } = model;
  if (!result) return '';
  const { block } = result;
  const number = block?.number === undefined ? '' : `${grouped(block.number)} `;
  return [
    `UID ${result.uid} on subnet ${netuid}`,
    `hotkey   ${hotkey?.address}`,
    `coldkey  ${coldkey?.address}`,
    ...(block ? [`block    ${number}${block.hash}`] : []),
    `chain    ${chain?.name}, genesis ${chain?.genesis}`,
    `link     ${link(model, page)}`,
  ].join('\n');
}

/** The address of `page` that makes the same choices. */
export function link({ choice, endpoint, netuid, hotkey }: Model, page: string): string {
  const url = new URL(page);
  url.search = '';
  url.hash = '';
  if (choice === 'custom') url.searchParams.set('endpoint', endpoint);
  else url.searchParams.set('network', choice);
  if (netuid !== undefined) url.searchParams.set('netuid', String(netuid));
  if (hotkey) url.searchParams.set('hotkey', hotkey.address);
  return url.href;
}
