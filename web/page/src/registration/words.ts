/** What a session has to say, in the words of the page. */

import { grouped, moreBlocks, sentence } from '../words.ts';
import type { Denial, End, Event, Setback } from './module.ts';

/** What came of a signature; `calm` when nothing went wrong. */
export interface Note {
  readonly text: string;
  readonly calm: boolean;
}

/** What happened. */
export function event(event: Event): string {
  switch (event.what) {
    case 'reorganised':
      return `Block ${event.block}: the chain was re-organised. Proofs are checked again.`;
    case 'difficulty-rose':
      return `The difficulty rose to ${grouped(event.difficulty)}.`;
    case 'held-back':
      return `Signed; held back, as block ${event.block} has all the registrations that it may have.`;
    case 'submitting': {
      const { workBlock, blocksLeft, again } = event;
      const left = moreBlocks(blocksLeft);
      return `${again ? 'Submitting once more' : 'Submitting'} the proof for block ${workBlock}, which counts for ${left}.`;
    }
    case 'waiting':
      return 'Submitted. Waiting for a block.';
    case 'retracted':
      return 'The block that held the registration was replaced. Waiting on.';
    case 'refused': {
      const { kind, words } = event.refusal;
      const next = kind === 'custom' ? 'The next block will tell more.' : 'Waiting for a block.';
      return `The pool did not take the proof: ${words}. ${next}`;
    }
    case 'included': {
      const { place, uid } = event;
      const where = place.number === undefined ? 'In a block' : `In block ${place.number}`;
      return `${where} as UID ${uid}. Waiting until the block is final.`;
    }
    case 'unreadable':
      return `A block holds the submission, but cannot be read (${event.reason}). The next one will tell.`;
    case 'lost-sight':
      return `Lost sight of the submission (${event.reason}). The chain will be asked what became of it.`;
    case 'doubtful':
      return `${setback(event.setback)} A block may have it already: the next one will tell.`;
    case 'failed':
      return `${setback(event.setback)} Mining goes on; sign a newer proof as soon as there is one.`;
  }
}

/** What is shown next to the button from now on; `null` when nothing is, `undefined` when that does not change. */
export function note(told: Event): Note | null | undefined {
  switch (told.what) {
    case 'held-back':
      return { text: event(told), calm: true };
    case 'submitting':
      return null;
    case 'failed':
      return { text: event(told), calm: false };
    default:
      return undefined;
  }
}

/** Why a submission, or a signature, came to nothing. */
function setback(setback: Setback): string {
  switch (setback.why) {
    case 'refused':
      return `The pool refused the proof: ${setback.refusal.words}.`;
    case 'gone':
      return `The pool let the proof go (${setback.how}).`;
    case 'failed':
      return `The chain refused the proof: ${setback.error}.`;
    case 'failed-in-block':
      return 'The submission failed in its block.';
    case 'too-late':
      return 'The proof came too late.';
    case 'not-included':
      return 'No block took the proof in time.';
    case 'lost':
      return 'The submission did not reach a block in time.';
    case 'replaced':
      return 'Another transaction of the account was taken instead.';
    case 'difficulty-rose':
      return 'The difficulty rose before the proof was included.';
    case 'block-full':
      return "Somebody else took the block's registration.";
    case 'signed-in-vain':
      return `${inVain(setback)}, so nothing was sent.`;
  }
}

function inVain({ workBlock, unfit }: Setback & { why: 'signed-in-vain' }): string {
  switch (unfit) {
    case 'stale':
      return `The signature came after the time of the proof for block ${workBlock} was over`;
    case 'off-chain':
      return `Block ${workBlock}, for which you signed, is no longer part of the chain`;
    case 'too-high':
      return 'The difficulty rose above the proof that you signed';
  }
}

/** Why the chain takes no proof, and what to do. */
export function denial(denial: Denial): string {
  switch (denial.reason) {
    case 'runtime':
      return `The runtime was upgraded. Nothing can be registered with it: ${denial.message}. Choose another network.`;
    case 'upgraded':
      return `The runtime was upgraded and takes ${denial.protocol} proofs now, which this page does not make.`;
    case 'chain':
      return denial.name === 'NonAssociatedColdKey'
        ? 'The hotkey belongs to another coldkey. Use that coldkey, or another hotkey.'
        : `The chain refused the proof: ${denial.error}.`;
    default:
      return obstacle(denial.reason, denial.message);
  }
}

/** Why a subnet takes no proof: the message of the rules, and what to do where that does not say it. */
export function obstacle(reason: string, message: string): string {
  const text = sentence(message);
  return ['no_subnet', 'pow_off'].includes(reason) ? `${text} Choose another subnet.` : text;
}

/** Why no more is signed. */
export function exhausted({ signatures, last }: End & { how: 'exhausted' }): string {
  const what = last ? setback(last) : 'What became of it is not known.';
  return (
    `${signatures} signatures came to nothing. The last one: ${what} Mining ended. ` +
    'Use another endpoint, or start again.'
  );
}
