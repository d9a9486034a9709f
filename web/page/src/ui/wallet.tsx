/** Which wallet, and which of its accounts is the coldkey. */

import type { App } from '../app.ts';
import { shortened } from '../words.ts';
import { Card, Problem, Whole } from './parts.tsx';

export function WalletCard({ app }: { app: App }) {
  const { wallet, coldkey, running } = app.model;
  return (
    <Card id="wallet" step="1" title="Wallet" done={coldkey !== undefined}>
      {running && coldkey ? <Whole text={coldkey.address} /> : null}
      {!running && (wallet.name === undefined ? <Connect app={app} /> : <Coldkey app={app} />)}
      {wallet.error && <Problem>{wallet.error}</Problem>}
      {wallet.name !== undefined && !running && (
        <button type="button" class="quiet" onClick={() => app.forgetWallet()}>
          Use another wallet
        </button>
      )}
    </Card>
  );
}

function Connect({ app }: { app: App }) {
  const { found, looking, busy } = app.model.wallet;
  if (looking) return <p>Looking for wallets…</p>;
  if (found.length === 0) {
    return (
      <>
        <p>
          No wallet was found in this browser. Install one that holds Bittensor accounts, for example polkadot{'{'}.js{'}'},
          Talisman, SubWallet or Bittensor Wallet, and reload this page.
        </p>
        <button type="button" onClick={() => app.lookForWallets()}>
          Look again
        </button>
      </>
    );
  }
  return (
    <>
      <p>The wallet holds the coldkey, asks you before it signs, and shows this page only addresses.</p>
      <p class="buttons">
        {found.map((name) => (
          <button key={name} type="button" class="main" disabled={busy} onClick={() => app.connectWallet(name)}>
            Connect {name}
          </button>
        ))}
      </p>
      {busy && <p>Allow this page in the wallet's window.</p>}
    </>
  );
}

function Coldkey({ app }: { app: App }) {
  const { wallet, coldkey } = app.model;
  if (wallet.accounts.length === 0) {
    return (
      <>
        <p>
          {wallet.name} shares no account with this page. Open the wallet, let this page see the account that should own the
          key, and look again.
        </p>
        <button type="button" onClick={() => app.connectWallet(wallet.name ?? '')}>
          Look again
        </button>
      </>
    );
  }
  return (
    <>
      <label for="coldkey">Coldkey</label>
      <select
        id="coldkey"
        aria-describedby="coldkey-help"
        value={coldkey?.hex ?? ''}
        onChange={(event) => app.chooseColdkey(event.currentTarget.value)}
      >
        {!coldkey && <option value="">Choose an account</option>}
        {wallet.accounts.map(({ key, name }) => (
          <option key={key.hex} value={key.hex}>
            {name} ({shortened(key.address)})
          </option>
        ))}
      </select>
      {coldkey && <Whole text={coldkey.address} />}
      <p id="coldkey-help" class="help">
        It signs, and will own the hotkey. It needs no balance.
      </p>
    </>
  );
}
