/** What happened, the newest last. */

import type { App } from '../app.ts';

export function Journal({ app }: { app: App }) {
  const { log } = app.model;
  if (log.length === 0) return null;
  return (
    <section class="card" aria-labelledby="log-title">
      <h2 id="log-title">Log</h2>
      <div class="log" role="log" aria-live="off" tabIndex={0} aria-labelledby="log-title">
        {log.map(({ id, at, text }) => (
          <p key={id}>
            <time dateTime={at.toISOString()}>{at.toLocaleTimeString()}</time> {text}
          </p>
        ))}
      </div>
    </section>
  );
}
