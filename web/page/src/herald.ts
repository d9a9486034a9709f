/** Tells a visitor who looks elsewhere: by a notification of the browser, if the visitor has asked for those. */

import type { Model, Phase } from './model.ts';
import { answer, summary } from './ui/summary.ts';

/** What a visitor waits for. The wallet may open by itself, without a proof to be seen before. */
const NEWS: readonly Phase[] = ['proof', 'signing', 'registered', 'refused', 'error'];

export class Herald {
  #phase: Phase | undefined;
  /** How many subnets took proofs, when the page last knew. */
  #open: number | undefined;

  /** Whether it would be of use to ask the browser; it asks the visitor once. */
  static get mayAsk(): boolean {
    return 'Notification' in window && window.isSecureContext && Notification.permission === 'default' && !isPhone();
  }

  static async ask(): Promise<void> {
    await Notification.requestPermission();
  }

  /** Tells what is new in the model. */
  look(model: Model): void {
    const { phase } = model;
    const open = model.subnets?.length;
    const before = { phase: this.#phase, open: this.#open };
    [this.#phase, this.#open] = [phase, open];
    if (before.open === 0 && open) tell(answer(model) ?? '');
    else if (phase !== before.phase && NEWS.includes(phase) && wasUnderWay(before.phase)) tell(summary(model));
  }
}

/** Browsers of phones and tablets have notifications, but show none for a page that has no service worker. */
function isPhone(): boolean {
  const { userAgentData, userAgent } = navigator as Navigator & { userAgentData?: { mobile?: boolean } };
  return userAgentData?.mobile === true || /Android/.test(userAgent);
}

function wasUnderWay(phase: Phase | undefined): boolean {
  return ['mining', 'proof', 'signing', 'sending', 'submitted'].includes(phase ?? '');
}

function tell(body: string): void {
  if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
  try {
    // One replaces the other: only the newest is true.
    const notification = new Notification('btpow', { body, icon: './icon.svg', tag: 'btpow' });
    notification.onclick = () => window.focus();
  } catch {
    // See `isPhone`, which may not know all of them.
  }
}
