/** How long the proof counts that is offered, or that the wallet shows. */

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
  const left = (offer ?? asked)?.blocksLeft;
  if (left === undefined) return null;
  // The next block is the first that may include it.
  const seconds = Math.max(0, Math.round(left * blockTime - (performance.now() - seen) / 1_000));
  const still = `${left} ${left === 1 ? 'block' : 'blocks'}, about ${seconds} s`;
  return (
    <div class="window">
      <p id="window-label">
        {left === 0 ? "The proof in the wallet's window counts" : 'The proof counts for'}{' '}
        <span data-value="window">{left === 0 ? 'no more' : still}</span>
      </p>
      <progress aria-labelledby="window-label" max={window() * blockTime} value={seconds} />
    </div>
  );
}
