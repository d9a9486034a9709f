/** Which wallet, and which of its accounts is the coldkey. */

import type { App } from '../app.ts';
import { face } from '../wallet-names.ts';
import { shortened } from '../words.ts';
import { Button, Card, Problem, Whole } from './parts.tsx';

export function WalletCard({ app }: { app: App }) {
  const { wallet, coldkey, running } = app.model;
  return (
    <Card id="wallet" step="2" title="Wallet" done={coldkey !== undefined}>
      {running && coldkey ? <Whole text={coldkey.address} /> : null}
      {!running && (wallet.name === undefined ? <Connect app={app} /> : <Coldkey app={app} />)}
      {wallet.error && <Problem>{wallet.error}</Problem>}
      {wallet.name !== undefined && !running && (
        <Button class="quiet" onClick={() => app.forgetWallet()}>
          Use another wallet
        </Button>
      )}
    </Card>
  );
}

function Connect({ app }: { app: App }) {
  const { found, looking, asked } = app.model.wallet;
  if (looking) return <p>Looking for wallets…</p>;
  if (found.length === 0) {
    return (
      <>
        <p>
          No wallet was found in this browser. Install one that holds Bittensor accounts, for example polkadot{'{'}.js{'}'},
          Talisman, SubWallet or Bittensor Wallet, and reload this page.
        </p>
        <Button onClick={() => app.lookForWallets()}>Look again</Button>
      </>
    );
  }
  return (
    <>
      <p>The wallet holds the coldkey, asks you before it signs, and shows this page only addresses.</p>
      <p class="buttons">
        {found.map((name) => (
          // Where there are several, none of them is the one to press; nor is one before there is a chain.
          <Button
            key={name}
            class="wallet"
            main={found.length === 1 && app.model.chain !== undefined && app.model.subnets?.length !== 0}
            off={asked === name}
            onClick={() => app.connectWallet(name)}
          >
            <Icon name={name} /> Connect {face(name).title}
          </Button>
        ))}
      </p>
      {asked !== undefined && (
        <p class="buttons">
          <span>Allow this page in the window of {face(asked).title}.</span>
          <Button onClick={() => app.cancelWallet()}>Do not wait</Button>
        </p>
      )}
    </>
  );
}

function Icon({ name }: { name: string }) {
  const { letter, hue } = face(name);
  return (
    <span class={`icon ${hue}`} aria-hidden="true">
      {letter}
    </span>
  );
}

function Coldkey({ app }: { app: App }) {
  const { wallet, coldkey } = app.model;
  if (wallet.accounts.length === 0) return <NoAccount app={app} />;
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

function NoAccount({ app }: { app: App }) {
  const { name = '', others } = app.model.wallet;
  const { title } = face(name);
  return (
    <>
      {others.length > 0 ? (
        <p>
          {title} shares only accounts of another kind ({others.join(', ')}). A coldkey is an account of the kind sr25519 or ed25519,
          and its address on Bittensor begins with 5. Make or share one in the wallet, and look again.
        </p>
      ) : (
        <p>
          {title} shares no account with this page. Open the wallet, let this page see the account that should own the key, and
          look again.
        </p>
      )}
      <Button onClick={() => app.connectWallet(name)}>Look again</Button>
    </>
  );
}
