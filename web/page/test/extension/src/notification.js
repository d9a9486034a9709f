// In place of the popup: instead of buttons a function that sends what the popup's buttons send, and
// lists of what waits for the user, as the popup shows them.

import { PORT_EXTENSION } from '@polkadot/extension-base/defaults';

const port = chrome.runtime.connect({ name: PORT_EXTENSION });
const waiting = new Map();

port.onMessage.addListener(({ id, response, subscription, error }) => {
  const { resolve, reject, subscriber } = waiting.get(id) ?? {};
  if (subscription !== undefined) subscriber?.(subscription);
  else if (error) reject?.(new Error(error));
  else resolve?.(response);
});

/** Sends a message `pri(…)`, and resolves to its answer. */
globalThis.ask = (message, request, subscriber) =>
  new Promise((resolve, reject) => {
    // One map holds the subscriptions of all windows under these keys.
    const id = crypto.randomUUID();
    waiting.set(id, { resolve, reject, subscriber });
    port.postMessage({ id, message, request: request ?? null });
  });

globalThis.requests = { authorize: [], metadata: [], signing: [] };
for (const kind of Object.keys(globalThis.requests)) {
  globalThis.ask(`pri(${kind}.requests)`, null, (list) => {
    globalThis.requests[kind] = list;
    document.querySelector(`#${kind}`).textContent = `${kind}: ${list.length}`;
  });
}
