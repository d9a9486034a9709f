/** The page: choices on one side, what comes of them on the other. */

import type { App } from '../app.ts';
import { ChartCard } from './chart.tsx';
import { HotkeyCard } from './hotkey.tsx';
import { Journal } from './journal.tsx';
import { MiningCard } from './mining.tsx';
import { NetworkCard } from './network.tsx';
import { ResultCard } from './result.tsx';
import { SignatureCard } from './signature.tsx';
import { aside, summary } from './summary.ts';
import { WalletCard } from './wallet.tsx';

export function Page({ app }: { app: App }) {
  const { model } = app;
  const choices = (
    <div class="column choices" key="choices">
      <NetworkCard app={app} />
      <WalletCard app={app} />
      <HotkeyCard app={app} />
    </div>
  );
  const live = (
    <div class="column live" key="live">
      {model.result && <ResultCard app={app} />}
      {!model.result && <MiningCard app={app} />}
      {!model.result && <SignatureCard app={app} />}
      <ChartCard app={app} />
      <Journal app={app} />
    </div>
  );
  return (
    <main data-state={model.phase} data-connection={model.link}>
      {/* Screen readers announce changes of the first part; numbers that keep changing are in the second. */}
      <p class="status">
        <span role="status">{summary(model)}</span> <span class="aside">{aside(model)}</span>
      </p>
      {/* On a narrow screen the part that matters now comes first. */}
      <div class="columns">{model.running || model.result ? [live, choices] : [choices, live]}</div>
    </main>
  );
}
