// The service worker: everything that decides is in `handlers.js`, which is the extension's own code.
//
// That code begins with an `await`, and a listener added after it comes too late for whoever woke the
// worker. So the listener comes first, and messages wait.

import { PORT_CONTENT, PORT_EXTENSION } from '@polkadot/extension-base/defaults';

const ready = import(/* webpackMode: "eager" */ './handlers.js');

chrome.runtime.onConnect.addListener((port) => {
  if (![PORT_CONTENT, PORT_EXTENSION].includes(port.name)) throw new Error(`nobody's port: ${port.name}`);
  let open = true;
  port.onDisconnect.addListener(() => {
    open = false;
  });
  port.onMessage.addListener(async (message) => {
    const { handle } = await ready;
    handle(message, open ? port : undefined);
  });
});
