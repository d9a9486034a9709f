/** What is signed, and the button that asks the wallet for it. */

import { useEffect, useState } from 'preact/hooks';
import type { App } from '../app.ts';
import { moreBlocks } from '../words.ts';
import { Card, Facts, Problem, Whole, genesisLabel } from './parts.tsx';

export function SignatureCard({ app }: { app: App }) {
  const { model } = app;
  const { chain, coldkey, hotkey, netuid, offer, asked, submission, signatureNote, eager, running, standing } = model;
  if (!chain || chain.refusal || !coldkey || !hotkey || netuid === undefined) return null;
  if (!running && standing?.status !== 'open') return null;
  return (
    <Card id="signature" step="5" title="Signature" done={submission === 'submitted'}>
      {offer && !asked && (
        <p class="good" data-value="offer">
          Proof found for block {offer.workBlock}. It counts for {moreBlocks(offer.blocksLeft)}; mining goes on for
          fresher ones.
        </p>
      )}
      {asked && <Asked app={app} />}
      {submission && <p>The registration is on its way.</p>}
      {signatureNote && <Problem calm={signatureNote.calm}>{signatureNote.text}</Problem>}
      {running && !submission && (
        <p class="buttons">
          <SignButton app={app} />
        </p>
      )}
      {!running && <p>Nothing is signed before you press the button that appears here with a proof. This is what it will be:</p>}
      <Facts
        facts={[
          { label: 'Chain', name: 'sign-chain', value: `${chain.name}, ${chain.runtime} ${chain.spec}` },
          { label: genesisLabel(chain), name: 'sign-genesis', value: <Whole text={chain.genesis} /> },
          { label: 'Call', name: 'sign-call', value: 'SubtensorModule.pow_register, signed by the coldkey' },
          { label: 'Coldkey', name: 'sign-coldkey', value: <Whole text={coldkey.address} /> },
          { label: 'Hotkey', name: 'sign-hotkey', value: <Whole text={hotkey.address} /> },
          { label: 'Fee', name: 'sign-fee', value: '0: the chain takes no fee and no TAO for this call' },
          {
            label: 'Effect',
            name: 'sign-effect',
            value: `the hotkey gets a UID on subnet ${netuid}, and the coldkey owns it`,
          },
        ]}
      />
      <label class="choice">
        <input type="checkbox" checked={eager} onChange={(event) => app.setEager(event.currentTarget.checked)} />
        <span>Open the wallet as soon as there is a proof</span>
      </label>
      <p class="help">
        A proof counts for five blocks, about a minute, so sign soon after it is found. If the wallet asks for a password, let
        it remember it for 15 minutes: should a proof come too late, the next one then needs one click only.
      </p>
    </Card>
  );
}

/** The wallet's window is open. */
function Asked({ app }: { app: App }) {
  const { asked } = app.model;
  if (!asked) return null;
  if (asked.blocksLeft > 0) {
    return (
      <p data-value="asked">
        The wallet asks you to sign the proof for block {asked.workBlock}. It counts for {moreBlocks(asked.blocksLeft)}.
      </p>
    );
  }
  return (
    <Problem>
      The proof for block {asked.workBlock}, which the wallet shows, is too old now. Reject it there, and sign the newer one
      that is offered here; if you approve it, nothing is sent.
    </Problem>
  );
}

function SignButton({ app }: { app: App }) {
  const { offer, asked, nextAsk } = app.model;
  const wait = useSecondsUntil(nextAsk);
  const label = asked ? 'Waiting for the wallet' : wait > 0 ? `Sign and register (in ${wait} s)` : 'Sign and register';
  return (
    <button type="button" class="main" disabled={!offer || asked !== undefined || wait > 0} onClick={() => app.sign()}>
      {label}
    </button>
  );
}

/** Whole seconds until a time of `performance.now()`; 0 when it is past. */
function useSecondsUntil(time: number): number {
  const [, again] = useState(0);
  const left = Math.max(0, Math.ceil((time - performance.now()) / 1_000));
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(() => again((count) => count + 1), 250);
    return () => clearTimeout(timer);
  });
  return left;
}
