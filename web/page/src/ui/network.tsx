/** Which chain, and which of its subnets. */

import type { App } from '../app.ts';
import { CHOICES, type Choice, shown } from '../chain/network.ts';
import { Button, Card, Facts, Fold, Problem, Whole, genesisLabel, vouched } from './parts.tsx';
import { Subnets } from './subnets.tsx';

export function NetworkCard({ app }: { app: App }) {
  const { choice, invitation, link, linkError, chain, running, netuid } = app.model;
  if (invitation !== undefined) {
    return (
      <Card id="network" step="1" title="Network and subnet">
        <Question app={app} endpoint={shown(invitation)} />
      </Card>
    );
  }
  return (
    <Card id="network" step="1" title="Network and subnet" done={chain !== undefined && !chain.refusal && netuid !== undefined}>
      {!running && <Fields app={app} />}
      {link === 'connecting' && <p key="waiting" class="waiting">Connecting…</p>}
      {link === 'lost' && <Problem>The connection is lost; the page is reconnecting: {linkError}.</Problem>}
      {link === 'none' && linkError && (
        <>
          <Problem>{linkError}</Problem>
          {choice !== 'custom' && (
            <Button onClick={() => app.connectChain()}>Connect again</Button>
          )}
        </>
      )}
      {link === 'none' && !linkError && choice !== 'custom' && (
        <p class="buttons">
          <Button onClick={() => app.connectChain()}>Connect</Button>
        </p>
      )}
      {chain?.refusal && <Problem>{chain.refusal}</Problem>}
      {chain && !chain.refusal && !running && <Subnets app={app} />}
      {chain && running && (
        <p>
          Subnet {netuid} of {chain.name}
          {vouched(chain)}
        </p>
      )}
      {chain && !chain.pinned && (
        <p key="unpinned" class="help">Only the endpoint says which chain this is: the page knows no genesis to compare it with.</p>
      )}
      {chain && (
        <Fold title="About this chain">
          <Facts
            class="facts small"
            facts={[
              { label: 'Chain', name: 'chain', value: chain.name },
              { label: 'Runtime', name: 'runtime', value: `${chain.runtime} ${chain.spec}` },
              { label: genesisLabel(chain), name: 'genesis', value: <Whole text={chain.genesis} /> },
              { label: 'Endpoint', name: 'endpoint', value: chain.endpoint },
            ]}
          />
        </Fold>
      )}
    </Card>
  );
}

/** Whether to connect to an endpoint that somebody else chose. */
function Question({ app, endpoint }: { app: App; endpoint: string }) {
  return (
    <>
      <Problem calm>This link wants to connect to {endpoint}.</Problem>
      <p>
        Connect only if you know who runs it: everything that this page then shows about the chain comes from that endpoint.
        The page connects to nothing before you answer.
      </p>
      <p class="buttons">
        <Button onClick={() => app.answer(true)}>Connect</Button>
        <Button onClick={() => app.answer(false)}>Use finney instead</Button>
      </p>
    </>
  );
}

function Fields({ app }: { app: App }) {
  const { choice, endpoint, link } = app.model;
  return (
    <>
      <label for="choice">Network</label>
      <select
        id="choice"
        value={choice}
        onChange={(event) => app.chooseNetwork(event.currentTarget.value as Choice)}
      >
        {CHOICES.map(({ choice, label }) => (
          <option key={choice} value={choice}>
            {label}
          </option>
        ))}
      </select>
      {choice === 'custom' && (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            app.connectChain();
          }}
        >
          <div class="grow">
            <label for="endpoint">Endpoint</label>
            <input
              id="endpoint"
              type="text"
              inputMode="url"
              spellcheck={false}
              autocomplete="off"
              placeholder="wss://host:443"
              value={endpoint}
              onInput={(event) => app.setEndpoint(event.currentTarget.value)}
            />
          </div>
          <button type="submit" class={link === 'none' && endpoint !== '' ? 'main' : undefined} disabled={link === 'connecting'}>
            Connect
          </button>
        </form>
      )}
    </>
  );
}
