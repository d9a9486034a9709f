// In the page: provides `window.injectedWeb3['polkadot-js']`.

import { MESSAGE_ORIGIN_CONTENT } from '@polkadot/extension-base/defaults';
import { enable, handleResponse, redirectIfPhishing } from '@polkadot/extension-base/page';
import { packageInfo } from '@polkadot/extension-base/packageInfo';
import { injectExtension } from '@polkadot/extension-inject';

window.addEventListener('message', ({ data, source }) => {
  if (source === window && data?.origin === MESSAGE_ORIGIN_CONTENT && data.id) handleResponse(data);
});

redirectIfPhishing().then((denied) => {
  if (!denied) injectExtension(enable, { name: 'polkadot-js', version: packageInfo.version });
});
