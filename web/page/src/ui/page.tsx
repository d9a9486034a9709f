/** The page: choices on one side, what becomes of them on the other. */

import type { App } from '../app.ts';
import { HotkeyCard } from './hotkey.tsx';
import { Journal } from './journal.tsx';
import { MiningCard } from './mining.tsx';
import { NetworkCard } from './network.tsx';
import { ResultCard } from './result.tsx';
import { SignatureCard } from './signature.tsx';
import { summary } from './summary.ts';
import { WalletCard } from './wallet.tsx';

export function Page({ app }: { app: App }) {
  const { model } = app;
  return (
    <main data-state={model.phase} data-connection={model.link}>
      {/* The one line that screen readers are told when it changes; it holds no numbers that run. */}
      <p role="status" class="status">
        {summary(model)}
      </p>
      <div class="columns">
        <div class="column">
          <WalletCard app={app} />
          <NetworkCard app={app} />
          <HotkeyCard app={app} />
        </div>
        <div class="column">
          {model.result && <ResultCard app={app} />}
          <MiningCard app={app} />
          {!model.result && <SignatureCard app={app} />}
          <Journal app={app} />
        </div>
      </div>
    </main>
  );
}
