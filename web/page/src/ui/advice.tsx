/** What a visitor should know before a long search, and what would help. */

import { useState } from 'preact/hooks';
import type { App } from '../app.ts';
import { commands, easier, expected, outlook } from '../outlook.ts';
import { about } from '../words.ts';
import { Problem } from './parts.tsx';
import { awaited } from './summary.ts';

/** Nothing for a search of less than an hour. */
export function Advice({ app }: { app: App }) {
  const seconds = awaited(app.model);
  if (seconds === undefined || !Number.isFinite(seconds)) return null;
  switch (outlook(seconds)) {
    case 'fair':
      return null;
    case 'long':
      return (
        <p class="notice">
          A proof takes {about(seconds)} on average on this machine. No try counts for the next, so it may take several times as
          long; the page must stay open meanwhile.
        </p>
      );
    case 'hopeless':
      return <Hopeless app={app} seconds={seconds} />;
  }
}

function Hopeless({ app, seconds }: { app: App; seconds: number }) {
  const { choice, endpoint, netuid, hotkey, coldkey, subnets, rate, gpu, devices, running } = app.model;
  if (netuid === undefined || !hotkey || !coldkey) return null;
  const other = rate ? easier(subnets, netuid, rate) : undefined;
  const text = `This machine needs ${about(seconds)} for a proof, on average: do not wait for it. This would help:`;
  const { mine, register } = commands({ choice, endpoint, netuid, hotkey, coldkey });
  return (
    <>
      {/* While it runs the number keeps changing, and nobody wants to hear it each time. */}
      {running ? <p class="problem">{text}</p> : <Problem>{text}</Problem>}
      <ul class="help">
        {other && rate && (
          <li>
            Subnet {other.netuid} is easier: {about(expected(other.subnet.difficulty, rate))} here.
          </li>
        )}
        {gpu && devices === 'wasm' && <li>This browser has a GPU: choose it under “Mine with”.</li>}
        <li>
          The program btpow mines on graphics cards, and on machines without a browser. It prints each proof with the call to sign:
          <Command line={mine} />
        </li>
        <li>
          Where the keys are in a wallet of btcli, it signs as well:
          <Command line={register} />
        </li>
      </ul>
    </>
  );
}

function Command({ line }: { line: string }) {
  const [copied, setCopied] = useState<string>();
  // Where the browser allows no copying, the line can be selected.
  const copy = (): void => void navigator.clipboard?.writeText(line).then(() => setCopied(line), () => {});
  return (
    <span class="command">
      {/* An option must not break at its hyphens. */}
      <code>
        {line.split(' ').map((word, index) => (
          <>
            {index > 0 && ' '}
            {word.startsWith('--') ? <span class="option">{word}</span> : word}
          </>
        ))}
      </code>
      <button type="button" class="quiet" aria-label={`Copy ${line.split(' ', 2).join(' ')}`} onClick={copy}>
        {copied === line ? 'Copied' : 'Copy'}
      </button>
    </span>
  );
}
