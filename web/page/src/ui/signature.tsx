/** What the visitor signs, and the button that asks the wallet for it. */

import { useEffect, useState } from 'preact/hooks';
import type { App } from '../app.ts';
import { moreBlocks } from '../words.ts';
import { Button, Card, Facts, Problem, Whole, vouched } from './parts.tsx';

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
      {running && !offer && !asked && !submission && !signatureNote && <p>There is no proof to sign yet.</p>}
      {submission && <p>The registration is on its way.</p>}
      {signatureNote && <Problem calm={signatureNote.calm}>{signatureNote.text}</Problem>}
      {running && !submission && (
        <p class="buttons">
          <SignButton app={app} />
        </p>
      )}
      {!running && <p>You sign nothing before you press the button that appears here with a proof. This is what you will sign:</p>}
      <Facts
        facts={[
          { label: 'Fee', name: 'sign-fee', value: '0: the chain takes no fee and no TAO for this call' },
          {
            label: 'Effect',
            name: 'sign-effect',
            value: `the hotkey gets a UID on subnet ${netuid}, and the coldkey owns it`,
          },
          { label: 'Hotkey', name: 'sign-hotkey', value: <Whole text={hotkey.address} /> },
          { label: 'Coldkey', name: 'sign-coldkey', value: <Whole text={coldkey.address} /> },
          { label: 'Call', name: 'sign-call', value: 'SubtensorModule.pow_register, signed by the coldkey' },
          { label: 'Chain', name: 'sign-chain', value: `${chain.name}, ${chain.runtime} ${chain.spec}${vouched(chain)}` },
        ]}
      />
      <label class="choice">
        <input type="checkbox" checked={eager} onChange={(event) => app.setEager(event.currentTarget.checked)} />
        <span>Open the wallet as soon as there is a proof</span>
      </label>
      <p class="help">
        A proof counts for five blocks, about a minute, so sign it soon. If the wallet asks for a password, let the wallet
        remember it for 15 minutes: if one proof comes too late, the next one then takes only one click.
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
      The proof for block {asked.workBlock}, which the wallet shows, is now too old. Reject it there, and sign the newer one
      that this page offers. If you approve the old one, the page sends nothing.
    </Problem>
  );
}

function SignButton({ app }: { app: App }) {
  const { offer, asked, nextAsk } = app.model;
  const wait = useSecondsUntil(nextAsk);
  const label = asked ? 'Waiting for the wallet' : wait > 0 ? `Sign and register (in ${wait} s)` : 'Sign and register';
  return (
    <Button main={offer !== undefined && !asked} off={!offer || asked !== undefined || wait > 0} onClick={() => app.sign()}>
      {label}
    </Button>
  );
}

/** Whole seconds until a time of `performance.now()`; 0 once it has passed. */
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
