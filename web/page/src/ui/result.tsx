/** The key is on the subnet. */

import { useState } from 'preact/hooks';
import type { App } from '../app.ts';
import { receipt } from '../receipt.ts';
import { grouped } from '../words.ts';
import { Card, Facts, Whole } from './parts.tsx';

export function ResultCard({ app }: { app: App }) {
  const { result, netuid, hotkey, coldkey, chain } = app.model;
  if (!result || netuid === undefined || !hotkey || !coldkey || !chain) return null;
  const block = result.block;
  return (
    <Card id="result" title={result.already ? 'Already registered' : 'Registered'}>
      <p class="uid">
        UID <strong data-value="uid">{result.uid}</strong> on subnet {netuid}
      </p>
      <Facts
        facts={[
          { label: 'Hotkey', name: 'result-hotkey', value: <Whole text={hotkey.address} /> },
          { label: 'Coldkey', name: 'result-coldkey', value: <Whole text={coldkey.address} /> },
          ...(block
            ? [
                {
                  label: 'Block',
                  name: 'result-block',
                  value: (
                    <>
                      {block.number !== undefined && (
                        <>
                          {grouped(block.number)}
                          <br />
                        </>
                      )}
                      <Whole text={block.hash} />
                    </>
                  ),
                },
              ]
            : []),
        ]}
      />
      <p class="buttons">
        <CopyButton text={receipt(app.model, location.href)} />
        <button type="button" onClick={() => app.again()}>
          Register another key
        </button>
      </p>
    </Card>
  );
}

function CopyButton({ text }: { text: string }) {
  const [done, setDone] = useState<'copied' | 'failed'>();
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setDone('copied'),
      () => setDone('failed'),
    );
  };
  return (
    <>
      <button type="button" class="main" onClick={copy}>
        {done === 'copied' ? 'Copied' : 'Copy as text'}
      </button>
      {done === 'failed' && (
        <label>
          Copy it from here
          <textarea readOnly rows={6} value={text} />
        </label>
      )}
    </>
  );
}
