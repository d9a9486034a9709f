/** The search: what is missing before it starts, and how it goes while it runs. */

import type { App } from '../app.ts';
import type { Devices } from '../settings.ts';
import { canStart } from '../phase.ts';
import { Herald } from '../herald.ts';
import { expected, outlook } from '../outlook.ts';
import { chance, grouped, odds, rate, time } from '../words.ts';
import { Advice } from './advice.tsx';
import { awaited, missing } from './summary.ts';
import { Button, Card, Facts, Problem } from './parts.tsx';
import { Countdown } from './countdown.tsx';

export function MiningCard({ app }: { app: App }) {
  const { model } = app;
  const { phase, running, standing, failure, rate: measured, measuring, subnet } = model;
  const seconds = awaited(model);
  const hopeless = seconds !== undefined && outlook(seconds) === 'hopeless';
  const fair = seconds !== undefined && outlook(seconds) === 'fair';
  return (
    <Card id="mining" step="4" title="Mining">
      {failure && <Problem>{failure.text}</Problem>}
      {!running && standing?.status === 'denied' && !failure && <Problem>{standing.message}</Problem>}
      {!running && (
        <>
          {phase === 'ready' && subnet && (
            <p>
              Difficulty {grouped(subnet.difficulty)}: {odds(subnet.difficulty)}.{' '}
              {measured && fair ? `This machine needs ${time(expected(subnet.difficulty, measured))} on average.` : ''}
              {measuring ? 'Measuring this machine…' : ''}
            </p>
          )}
          {phase === 'ready' && <Advice app={app} />}
          <Missing app={app} />
          <DeviceChoice app={app} />
        </>
      )}
      {phase === 'elsewhere' && (
        <>
          <p>Another tab of this page is mining. Two would share the same processors and prove nothing sooner.</p>
          <Button main onClick={() => void app.start(true)}>
            Mine here instead
          </Button>
        </>
      )}
      {(running || model.samples.length > 0) && <Live app={app} />}
      {phase !== 'elsewhere' && (
        <p class="buttons">
          {running ? (
            <Button onClick={() => app.stop()}>Stop mining</Button>
          ) : (
            // Until the machine is measured nobody knows whether to press it.
            <Button main={canStart(model) && !hopeless && !measuring} off={!canStart(model)} onClick={() => void app.start()}>
              {canStart(model) && hopeless ? 'Start mining anyway' : 'Start mining'}
            </Button>
          )}
          {running && Herald.mayAsk && <Button onClick={() => void app.askToNotify()}>Notify me</Button>}
        </p>
      )}
    </Card>
  );
}

/** Shown only where there is a choice. */
function DeviceChoice({ app }: { app: App }) {
  const { devices, gpu } = app.model;
  const named = devices.includes('webgpu');
  if (!gpu && !named) return null;
  return (
    <>
      <label for="devices">Mine with</label>
      <select
        id="devices"
        // An address that names both means the same as `auto`.
        value={devices.includes(',') ? 'auto' : devices}
        onChange={(event) => app.chooseDevices(event.currentTarget.value as Devices)}
      >
        <option value="auto">{gpu ? 'Processor and GPU' : 'Whatever there is'}</option>
        <option value="wasm">Processor only</option>
        {(gpu || devices === 'webgpu') && <option value="webgpu">GPU only</option>}
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
  const { head, headSeen, search, subnet, running, samples } = app.model;
  const so = search ? chance(search.chance) : '–';
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
          { label: 'Chance so far', name: 'chance', value: so },
          { label: 'Current block', name: 'block', value: head ? grouped(head.number) : '–' },
        ]}
      />
      <progress class="chance" aria-label="Chance so far" aria-valuetext={so} max={1} value={search?.chance ?? 0} />
      {running && head && !app.model.submission && <Countdown app={app} seen={headSeen} />}
      {subnet && (
        <p>
          Difficulty <span data-value="difficulty">{grouped(subnet.difficulty)}</span>: {odds(subnet.difficulty)}.
        </p>
      )}
      {/* The first rates say little. */}
      {running && samples.length > 10 && <Advice app={app} />}
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

