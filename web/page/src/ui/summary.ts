/** The state of the page in a line. */

import type { Model } from '../model.ts';
import { about, moreBlocks } from '../words.ts';

/** What the visitor still has to choose. */
export function missing(model: Model): string[] {
  const steps: string[] = [];
  if (model.wallet.name === undefined) steps.push('Connect a wallet.');
  else if (!model.coldkey) steps.push('Choose the coldkey.');
  if (model.invitation !== undefined) steps.push("Decide whether to connect to the link's endpoint.");
  else if (!model.chain) steps.push('Connect to a network.');
  else if (model.netuid === undefined) steps.push('Choose a subnet.');
  if (!model.hotkey) steps.push('Enter the hotkey.');
  return steps;
}

/** What adds to the summary and keeps changing. */
export function aside(model: Model): string {
  if (model.link === 'lost' && model.phase !== 'mining') return 'The connection is lost; the page is reconnecting.';
  if (model.phase === 'proof' && model.offer) return `It counts for ${moreBlocks(model.offer.blocksLeft)}.`;
  const expected = model.phase === 'mining' && model.link !== 'lost' ? model.search?.expected : undefined;
  return expected === undefined ? '' : `A proof takes ${about(expected)} on average.`;
}

/** What the visitor should know now: where things stand, and what comes next. */
export function summary(model: Model): string {
  switch (model.phase) {
    case 'connect':
      return 'Connect a wallet to begin.';
    case 'choose':
      return missing(model)[0] ?? 'Asking the chain about your choice…';
    case 'ready':
      return 'Ready: start mining.';
    case 'elsewhere':
      return 'Another tab of this page is mining.';
    case 'mining':
      return model.link === 'lost' ? 'The connection is lost; mining goes on when it is back.' : 'Mining.';
    case 'proof':
      return 'Proof found: sign it.';
    case 'signing':
      return 'Approve the request in the wallet.';
    case 'sending':
      return 'Signed: on its way to the chain.';
    case 'submitted':
      return 'Sent: waiting until the registration is final.';
    case 'registered':
      return model.result?.already
        ? `The hotkey is already registered: UID ${model.result.uid}.`
        : `Registered as UID ${model.result?.uid}.`;
    case 'refused':
      return 'The chain takes no proof for this choice.';
    case 'error':
      return 'Mining ended: the reason is below.';
  }
}
