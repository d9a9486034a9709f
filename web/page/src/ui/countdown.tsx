/** How long a proof found now would count. */

import { useEffect, useState } from 'preact/hooks';
import type { App } from '../app.ts';
import { window } from '../rules.ts';

export function Countdown({ app, seen }: { app: App; seen: number }) {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  const { offer, asked, blockTime } = app.model;
  const whole = window();
  const left = offer?.blocksLeft ?? asked?.blocksLeft ?? whole;
  // The next block is the first that may include it.
  const seconds = Math.max(0, Math.round(left * blockTime - (performance.now() - seen) / 1_000));
  const what = offer || asked ? 'The proof counts for' : 'A proof found now would count for';
  const still = `${left} ${left === 1 ? 'block' : 'blocks'}, about ${seconds} s`;
  return (
    <div class="window">
      <p id="window-label">
        {left === 0 ? "The proof in the wallet's window counts" : what}{' '}
        <span data-value="window">{left === 0 ? 'no more' : still}</span>
      </p>
      <progress aria-labelledby="window-label" max={whole * blockTime} value={seconds} />
    </div>
  );
}
