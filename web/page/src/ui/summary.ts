/** The state of the page in a line. */

import { CHOICES } from '../chain/network.ts';
import type { Model } from '../model.ts';
import { expected, outlook } from '../outlook.ts';
import { about, moreBlocks } from '../words.ts';

/** What the visitor still has to choose. */
export function missing(model: Model): string[] {
  const steps: string[] = [];
  if (model.invitation !== undefined) steps.push("Decide whether to connect to the link's endpoint.");
  else if (!model.chain) steps.push('Connect to a network.');
  else if (model.chain.refusal !== undefined) steps.push('Choose another network.');
  else if (model.netuid === undefined) steps.push(model.subnets?.length === 0 ? 'Wait for a subnet that takes proof of work.' : 'Choose a subnet.');
  if (model.wallet.name === undefined) steps.push('Connect a wallet.');
  else if (model.wallet.accounts.length === 0) steps.push('Share an account with this page in the wallet.');
  else if (!model.coldkey) steps.push('Choose the coldkey.');
  if (!model.hotkey) steps.push('Enter the hotkey.');
  return steps;
}

/** Whether proof of work is possible at all now, as far as the page knows. */
export function answer({ subnets, rate }: Model): string | undefined {
  const [easiest] = subnets ?? [];
  if (!subnets) return undefined;
  if (!easiest) return 'No subnet takes proof of work today.';
  const count = subnets.length === 1 ? '1 subnet takes' : `${subnets.length} subnets take`;
  if (rate === undefined) return `${count} proof of work now.`;
  const which = subnets.length === 1 ? 'a proof' : 'the easiest';
  return `${count} proof of work now; ${which} needs ${about(expected(easiest.subnet.difficulty, rate))} here.`;
}

/** What a visitor without a wallet should know. */
function first(model: Model): string {
  const next = missing(model)[0] ?? '';
  const known = answer(model);
  if (known !== undefined) return model.subnets?.length === 0 ? known : `${known} Connect a wallet to begin.`;
  if (model.link === 'connecting' || model.listing) {
    const name = CHOICES.find(({ choice }) => choice === model.choice)?.label ?? '';
    return `Asking which subnets take proof of work: ${name}.`;
  }
  return next;
}

/** Seconds that a proof of the choice takes here on average, if the page knows. A search that has ended says nothing of it. */
export function awaited({ running, subnet, search, rate }: Model): number | undefined {
  return (running ? search?.expected : undefined) ?? (subnet && rate ? expected(subnet.difficulty, rate) : undefined);
}

/** What adds to the summary and keeps changing. */
export function aside(model: Model): string {
  if (model.link === 'lost' && model.phase !== 'mining') return 'The connection is lost; the page is reconnecting.';
  if (model.phase === 'proof' && model.offer) return `It counts for ${moreBlocks(model.offer.blocksLeft)}.`;
  const seconds = model.phase === 'mining' && model.link !== 'lost' ? model.search?.expected : undefined;
  return seconds === undefined ? '' : `A proof takes ${about(seconds)} on average.`;
}

/** What the visitor should know now: where things stand, and what comes next. */
export function summary(model: Model): string {
  switch (model.phase) {
    case 'connect':
      return first(model);
    case 'choose':
      if (model.subnets?.length === 0 && model.netuid === undefined) return answer(model) ?? '';
      return missing(model)[0] ?? 'Asking the chain about your choice…';
    case 'ready': {
      const seconds = awaited(model);
      const hopeless = seconds !== undefined && outlook(seconds) === 'hopeless';
      return hopeless ? `A proof would take ${about(seconds)} on this machine.` : 'Ready: start mining.';
    }
    case 'elsewhere':
      return 'Another tab of this page is mining.';
    case 'mining':
      return model.link === 'lost' ? 'The connection is lost; mining goes on when it is back.' : 'Mining.';
    case 'proof':
      return 'Proof found: sign it.';
    case 'signing':
      return model.asked?.blocksLeft === 0 ? 'Too old to sign: reject the request in the wallet.' : 'Approve the request in the wallet.';
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
