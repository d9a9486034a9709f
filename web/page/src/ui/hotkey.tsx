/** Which key registers. */

import type { App } from '../app.ts';
import { shortened } from '../words.ts';
import { Card, Problem, Whole } from './parts.tsx';

export function HotkeyCard({ app }: { app: App }) {
  const { hotkey, running } = app.model;
  return (
    <Card id="hotkey" step="3" title="Hotkey" done={hotkey !== undefined}>
      {running && hotkey ? <Whole text={hotkey.address} /> : <Fields app={app} />}
    </Card>
  );
}

function Fields({ app }: { app: App }) {
  const { hotkey, hotkeyText, hotkeyError, wallet } = app.model;
  return (
    <>
      <label for="hotkey">Hotkey address</label>
      <input
        id="hotkey"
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder="5…"
        value={hotkeyText}
        aria-invalid={hotkeyError ? true : undefined}
        aria-describedby={hotkeyError ? 'hotkey-problem hotkey-help' : 'hotkey-help'}
        onInput={(event) => app.setHotkey(event.currentTarget.value)}
      />
      {hotkeyError && <Problem id="hotkey-problem">{hotkeyError}</Problem>}
      {wallet.accounts.length > 0 && (
        <>
          <label for="hotkey-account">Hotkey from the wallet</label>
          <select
            id="hotkey-account"
            value={wallet.accounts.find(({ key }) => key.hex === hotkey?.hex)?.key.hex ?? ''}
            onChange={(event) => app.setHotkey(event.currentTarget.value)}
          >
            <option value="">Use an account as the hotkey</option>
            {wallet.accounts.map(({ key, name }) => (
              <option key={key.hex} value={key.hex}>
                {name} ({shortened(key.address)})
              </option>
            ))}
          </select>
        </>
      )}
      <p id="hotkey-help" class="help">
        The address of the key that will work on the subnet. It signs nothing here. Enter an address, never a phrase.
      </p>
    </>
  );
}
