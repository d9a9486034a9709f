/** What follows from the chain's refusals. */

import type { DispatchRefusal, PoolRefusal } from './types.ts';

/**
 * What follows when the pool does not take a submission: `wait`, it is there already, or another transaction of the
 * account is, and blocks tell which of them was taken; `explain`, the next block tells why; `deny`, there is no use in
 * trying; `retry`, with another block.
 */
export function afterPool(refusal: PoolRefusal): 'wait' | 'explain' | 'deny' | 'retry' {
  switch (refusal.kind) {
    case 'known':
    case 'occupied':
      return 'wait';
    case 'custom':
      return 'explain';
    case 'payment':
      return 'deny';
    default:
      return 'retry';
  }
}

/** What follows when a call failed in its block, and what to tell. */
export type Next =
  /** Another proof may be taken; where there is no text, the next block tells it better. */
  | { readonly then: 'retry'; readonly text: string | undefined }
  /** None will be. */
  | { readonly then: 'deny'; readonly text: string };

export function afterDispatch(refusal: DispatchRefusal, netuid: number): Next {
  switch (refusal.name) {
    case 'TooManyRegistrationsThisBlock':
    case 'TooManyRegistrationsThisInterval':
      return { then: 'retry', text: "Somebody else took the block's registration." };
    // Somebody was faster.
    case 'InvalidDifficulty':
      return { then: 'retry', text: 'The difficulty rose before the proof was included.' };
    // The next block shows as what and for whom.
    case 'HotKeyAlreadyRegisteredInSubNet':
      return { then: 'retry', text: undefined };
    case 'InvalidWorkBlock':
      return { then: 'retry', text: 'The proof came too late.' };
    case 'NoNeuronIdAvailable':
      return { then: 'deny', text: `Subnet ${netuid} is full, and no key on it can be replaced now. Try again later.` };
    case 'SubNetRegistrationDisabled':
      return {
        then: 'deny',
        text: `Subnet ${netuid} takes no proof of work any more: its owner has switched it off. Choose another subnet.`,
      };
    case 'SubnetNotExists':
      return { then: 'deny', text: `Subnet ${netuid} does not exist any more. Choose another subnet.` };
    case 'NonAssociatedColdKey':
      return {
        then: 'deny',
        text: 'The hotkey belongs to another coldkey. Use that coldkey, or another hotkey.',
      };
    case 'TooManyStakingHotkeys':
      return { then: 'deny', text: 'The coldkey has as many hotkeys as it may have. Use another coldkey.' };
    case 'CannotUseSystemAccount':
      return { then: 'deny', text: 'The hotkey is an account of the chain itself. Use another hotkey.' };
    default:
      return { then: 'retry', text: `The chain refused the proof: ${refusal.words}.` };
  }
}
