// The extension's state and keyring.

import { withErrorLog } from '@polkadot/extension-base/background';
import handle from '@polkadot/extension-base/background/handlers';
import { AccountsStore } from '@polkadot/extension-base/stores';
import { keyring } from '@polkadot/ui-keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';

await cryptoWaitReady();
keyring.loadAll({ store: new AccountsStore(), type: 'sr25519' });
// It reads them without saying when it is done; the next request would find none.
await chrome.storage.local.get(null);
withErrorLog(() => chrome.action.setBadgeBackgroundColor({ color: '#d90000' }));

export { handle };
