/** Which subnets take proofs of work, how hard each is, and how long that takes here: the answer that needs no wallet. */

import { useState } from 'preact/hooks';
import type { App } from '../app.ts';
import { Herald } from '../herald.ts';
import type { Row } from '../model.ts';
import { expected, outlook } from '../outlook.ts';
import { about, grouped, odds, rate as speed } from '../words.ts';
import { Button, Problem } from './parts.tsx';

/** How many subnets the page shows at first: the easiest. */
const FEW = 8;

export function Subnets({ app }: { app: App }) {
  const { subnets, wallet } = app.model;
  // With keys, since a paragraph that became another one would count as one that jumped.
  if (!subnets) return <p key="waiting" class="waiting">Reading the subnets…</p>;
  return (
    <>
      {subnets.length === 0 ? <None app={app} /> : <Measure app={app} />}
      <List app={app} subnets={subnets} />
      {wallet.name === undefined && (
        <p key="uid" class="help">
          A UID is a key's place on a subnet: with it the key can mine or validate there, and earn. That key, the hotkey, does the
          work; the coldkey owns it and all that it earns, and stays in your wallet.
        </p>
      )}
    </>
  );
}

/** Nothing can be done here now; what else can. */
function None({ app }: { app: App }) {
  const { listing } = app.model;
  return (
    <>
      <Problem calm>No subnet takes proof of work today: no owner has switched it on.</Problem>
      <ul class="help">
        <li>Leave this page open: it looks again every ten blocks, about two minutes on finney.</li>
        <li>
          On a machine without a browser, <code>btpow subnets</code> of the native program lists those that do. It also mines on
          graphics cards.
        </li>
        <li>Most subnets register a key for TAO instead, with btcli or a wallet. This page never spends any.</li>
      </ul>
      <p class="buttons">
        <Button off={listing} onClick={() => app.listSubnets()}>
          {listing ? 'Asking…' : 'Ask again'}
        </Button>
        {Herald.mayAsk && <Button onClick={() => void app.askToNotify()}>Notify me</Button>}
      </p>
    </>
  );
}

/** How fast this machine is, or the button to find out: nothing hashes before somebody wants it to. */
function Measure({ app }: { app: App }) {
  const { rate, measuring, measureError, running } = app.model;
  if (running) return null;
  return (
    <div class="measure">
      <p>
        {rate === undefined ? (
          'How long does a proof take here?'
        ) : (
          <>
            This machine tries <span data-value="measured">{speed(rate)}</span>.
          </>
        )}
      </p>
      <Button off={measuring} onClick={() => app.measure()}>
        {measuring ? 'Measuring for three seconds…' : rate === undefined ? 'Measure this machine' : 'Measure again'}
      </Button>
      {measureError !== undefined && <Problem>{measureError}</Problem>}
    </div>
  );
}

function List({ app, subnets }: { app: App; subnets: readonly Row[] }) {
  const { netuid, subnet } = app.model;
  const listed = subnets.some((row) => row.netuid === netuid);
  const [other, setOther] = useState(false);
  const [all, setAll] = useState(false);
  const byNumber = other || (netuid !== undefined && !listed) || subnets.length === 0;
  const shown = all ? subnets : subnets.filter((row, index) => index < FEW || row.netuid === netuid);
  return (
    <fieldset>
      <legend>Subnet</legend>
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
            {/* Of the chosen one the page knows every block, of the others every tenth. */}
            <Numbers difficulty={((row.netuid === netuid && subnet) || row.subnet).difficulty} rate={app.model.rate} />
          </label>
        ))}
        <label class="choice">
          <input type="radio" name="netuid" checked={byNumber} onChange={() => setOther(true)} />
          <span>Another subnet</span>
        </label>
      </div>
      {shown.length < subnets.length && (
        <Button class="quiet" onClick={() => setAll(true)}>
          Show all {subnets.length} subnets
        </Button>
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
      {netuid !== undefined && !listed && <p class="help">Subnet {netuid} is not among those that take proof of work.</p>}
    </fieldset>
  );
}

function Numbers({ difficulty, rate }: { difficulty: bigint; rate: number | undefined }) {
  const seconds = rate === undefined ? undefined : expected(difficulty, rate);
  const hopeless = seconds !== undefined && outlook(seconds) === 'hopeless';
  return (
    <span class="numbers">
      <span class="difficulty">difficulty {grouped(difficulty)}</span>
      <span class={hopeless ? 'wait bad' : 'wait'}>{seconds === undefined ? odds(difficulty) : `${about(seconds)} here`}</span>
    </span>
  );
}
