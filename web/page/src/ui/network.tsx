/** Which chain, and which of its subnets. */

import { useState } from 'preact/hooks';
import type { App } from '../app.ts';
import { CHOICES, type Choice, shown } from '../chain/network.ts';
import { about, grouped, odds } from '../words.ts';
import { Card, Facts, Problem, Short, genesisLabel } from './parts.tsx';

/** How many subnets the page shows at first: the easiest. */
const FEW = 8;

export function NetworkCard({ app }: { app: App }) {
  const { choice, invitation, link, linkError, chain, running, netuid } = app.model;
  if (invitation !== undefined) {
    return (
      <Card id="network" step="2" title="Network and subnet">
        <Question app={app} endpoint={shown(invitation)} />
      </Card>
    );
  }
  return (
    <Card id="network" step="2" title="Network and subnet" done={chain !== undefined && !chain.refusal && netuid !== undefined}>
      {!running && <Fields app={app} />}
      {link === 'connecting' && <p>Connecting…</p>}
      {link === 'lost' && <Problem>The connection is lost; the page is reconnecting. {linkError}</Problem>}
      {link === 'none' && linkError && (
        <>
          <Problem>{linkError}</Problem>
          {choice !== 'custom' && (
            <button type="button" onClick={() => app.connectChain()}>
              Connect again
            </button>
          )}
        </>
      )}
      {link === 'none' && !linkError && choice !== 'custom' && (
        <p class="buttons">
          <button type="button" onClick={() => app.connectChain()}>
            Connect
          </button>
        </p>
      )}
      {chain && (
        <Facts
          class="facts small"
          facts={[
            { label: 'Chain', name: 'chain', value: chain.name },
            { label: 'Runtime', name: 'runtime', value: `${chain.runtime} ${chain.spec}` },
            { label: genesisLabel(chain), name: 'genesis', value: <Short text={chain.genesis} /> },
            { label: 'Endpoint', name: 'endpoint', value: chain.endpoint },
            ...(running ? [{ label: 'Subnet', name: 'subnet', value: netuid }] : []),
          ]}
        />
      )}
      {chain?.refusal && <Problem>{chain.refusal}</Problem>}
      {chain && !chain.refusal && !running && <Subnets app={app} />}
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
        <button type="button" onClick={() => app.answer(true)}>
          Connect
        </button>
        <button type="button" onClick={() => app.answer(false)}>
          Use finney instead
        </button>
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
          <button type="submit" disabled={link === 'connecting'}>
            Connect
          </button>
        </form>
      )}
    </>
  );
}

function Subnets({ app }: { app: App }) {
  const { subnets, netuid, rate } = app.model;
  const listed = subnets?.some((row) => row.netuid === netuid) ?? false;
  const [other, setOther] = useState(false);
  const [all, setAll] = useState(false);
  if (!subnets) return <p>Reading the subnets…</p>;
  const byNumber = other || (netuid !== undefined && !listed) || subnets.length === 0;
  const shown = all ? subnets : subnets.filter((row, index) => index < FEW || row.netuid === netuid);
  return (
    <fieldset>
      <legend>Subnet</legend>
      {subnets.length === 0 && <p>No subnet on this chain takes proof of work: no owner has switched it on.</p>}
      <div class="subnets">
        {shown.map((row) => (
          <label key={row.netuid} class="choice">
            <input
              type="radio"
              name="netuid"
              checked={!byNumber && row.netuid === netuid}
              onChange={() => {
                setOther(false);
                app.chooseSubnet(row.netuid);
              }}
            />
            <span class="grow">Subnet {row.netuid}</span>
            <span class="numbers">
              <span class="difficulty">difficulty {grouped(row.subnet.difficulty)}</span>
              <span class="wait">{rate ? `${about(Number(row.subnet.difficulty) / rate)} here` : odds(row.subnet.difficulty)}</span>
            </span>
          </label>
        ))}
        <label class="choice">
          <input type="radio" name="netuid" checked={byNumber} onChange={() => setOther(true)} />
          <span>Another subnet</span>
        </label>
      </div>
      {shown.length < subnets.length && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          Show all {subnets.length} subnets
        </button>
      )}
      {byNumber && (
        <>
          <label for="netuid">Subnet number</label>
          <input
            id="netuid"
            type="number"
            min="1"
            max="65535"
            value={netuid ?? ''}
            onInput={(event) => app.chooseSubnet(event.currentTarget.valueAsNumber)}
          />
        </>
      )}
    </fieldset>
  );
}
