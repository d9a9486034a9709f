// Between a page, which can only post messages to its own window, and the service worker.

import { MESSAGE_ORIGIN_CONTENT, MESSAGE_ORIGIN_PAGE, PORT_CONTENT } from '@polkadot/extension-base/defaults';

let port;

/** The way to the service worker, opened again after the worker was stopped. */
function connected() {
  if (port) return port;
  port = chrome.runtime.connect({ name: PORT_CONTENT });
  port.onMessage.addListener((data) => window.postMessage({ ...data, origin: MESSAGE_ORIGIN_CONTENT }, '*'));
  port.onDisconnect.addListener(() => {
    port = undefined;
  });
  return port;
}

window.addEventListener('message', ({ data, source }) => {
  if (source === window && data?.origin === MESSAGE_ORIGIN_PAGE) connected().postMessage(data);
});

const script = document.createElement('script');
script.src = chrome.runtime.getURL('page.js');
script.addEventListener('load', () => script.remove());
(document.head ?? document.documentElement).append(script);
