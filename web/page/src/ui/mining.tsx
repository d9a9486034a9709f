/** The search: what is missing before it starts, and how it goes while it runs. */

import type { App } from '../app.ts';
import type { Devices } from '../settings.ts';
import { canStart } from '../phase.ts';
import { chance, grouped, odds, rate, time } from '../words.ts';
import { missing } from './summary.ts';
import { Card, Facts, Problem } from './parts.tsx';
import { Countdown } from './countdown.tsx';

export function MiningCard({ app }: { app: App }) {
  const { model } = app;
  const { phase, running, standing, failure, rate: measured, subnet } = model;
  return (
    <Card id="mining" step="4" title="Mining">
      {failure && <Problem>{failure.text}</Problem>}
      {!running && standing?.status === 'denied' && !failure && <Problem>{standing.message}</Problem>}
      {!running && (
        <>
          {phase === 'ready' && subnet && (
            <p>
              Difficulty {grouped(subnet.difficulty)}: {odds(subnet.difficulty)}.{' '}
              {measured ? `This machine needs ${time(Number(subnet.difficulty) / measured)} on average.` : ''}
            </p>
          )}
          <Missing app={app} />
          <DeviceChoice app={app} />
        </>
      )}
      {phase === 'elsewhere' && (
        <>
          <p>Another tab of this page is mining. Two would share the same processors and prove nothing sooner.</p>
          <button type="button" class="main" onClick={() => app.takeOver()}>
            Mine here instead
          </button>
        </>
      )}
      {(running || model.samples.length > 0) && <Live app={app} />}
      {phase !== 'elsewhere' && (
        <p class="buttons">
          {running ? (
            <button type="button" onClick={() => app.stop()}>
              Stop mining
            </button>
          ) : (
            <button type="button" class="main" disabled={!canStart(model)} onClick={() => app.start()}>
              Start mining
            </button>
          )}
        </p>
      )}
    </Card>
  );
}

/** Shown only where there is a choice. */
function DeviceChoice({ app }: { app: App }) {
  const { devices } = app.model;
  if (!('gpu' in navigator)) return null;
  return (
    <>
      <label for="devices">Mine with</label>
      <select
        id="devices"
        // An address that names both means the same as `auto`.
        value={devices.includes(',') ? 'auto' : devices}
        onChange={(event) => app.chooseDevices(event.currentTarget.value as Devices)}
      >
        <option value="auto">Processor and GPU</option>
        <option value="wasm">Processor only</option>
        <option value="webgpu">GPU only</option>
      </select>
    </>
  );
}

function Missing({ app }: { app: App }) {
  const steps = missing(app.model);
  if (steps.length === 0) return null;
  return (
    <ul class="missing">
      {steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ul>
  );
}

function Live({ app }: { app: App }) {
  const { head, headSeen, search, subnet, running } = app.model;
  return (
    <div class="live">
      <Facts
        class="figures"
        facts={[
          { label: 'Rate', name: 'rate', value: search ? rate(search.rate) : 'starting' },
          {
            label: 'Expected time',
            name: 'expected',
            value: search?.expected === undefined ? '–' : time(search.expected),
          },
          { label: 'Chance so far', name: 'chance', value: search ? chance(search.chance) : '–' },
          { label: 'Current block', name: 'block', value: head ? grouped(head.number) : '–' },
        ]}
      />
      {running && head && !app.model.submission && <Countdown app={app} seen={headSeen} />}
      {subnet && (
        <p>
          Difficulty <span data-value="difficulty">{grouped(subnet.difficulty)}</span>: {odds(subnet.difficulty)}
          {search && search.rate > 0 && `; on this machine ${time(Number(subnet.difficulty) / search.rate)} on average`}.
        </p>
      )}
      <Devices app={app} />
    </div>
  );
}

function Devices({ app }: { app: App }) {
  const devices = app.model.search?.devices ?? [];
  if (devices.length === 0) return null;
  return (
    <table>
      <caption>Devices</caption>
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col">Runs</th>
          <th scope="col" class="number">
            Rate
          </th>
        </tr>
      </thead>
      <tbody>
        {devices.map(({ kind, detail, rate: speed, error }) => (
          <tr key={kind}>
            <th scope="row">{kind}</th>
            <td>{error ? <span class="bad">{error}</span> : detail}</td>
            <td class="number">{rate(speed)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

