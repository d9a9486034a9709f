/** The rate over time, and under it the difficulty. Plain SVG, in the colours of the style. */

import type { App } from '../app.ts';
import type { Sample } from '../model.ts';
import { grouped, rate, time } from '../words.ts';
import { Card } from './parts.tsx';

/** In units of the drawing, which scales to the width of its card. */
const WIDTH = 600;
const HEIGHT = 120;
const PAD = { left: 4, right: 4, top: 8, bottom: 4 };

export function ChartCard({ app }: { app: App }) {
  const { samples } = app.model;
  if (samples.length < 2) return null;
  return (
    <Card id="chart" title="Over time">
      <Chart samples={samples} />
    </Card>
  );
}

function Chart({ samples }: { samples: readonly Sample[] }) {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last) return null;
  const span = last.at - first.at;
  const rates = samples.map((sample) => sample.rate);
  const difficulties = samples.map((sample) => Number(sample.difficulty));
  const low = Math.min(...difficulties);
  const high = Math.max(...difficulties);
  const range = low === high ? grouped(low) : `${grouped(low)} to ${grouped(high)}`;
  return (
    <div class="charts">
      <Plot
        name="rate"
        title={`Rate over the last ${time(span)}: now ${rate(last.rate)}, at most ${rate(Math.max(...rates))}`}
        top={rate(Math.max(...rates))}
        values={rates}
        times={samples.map((sample) => sample.at)}
        floor={0}
      />
      <Plot
        name="difficulty"
        title={`Difficulty over the last ${time(span)}: ${range}`}
        top={grouped(high)}
        values={difficulties}
        times={samples.map((sample) => sample.at)}
        // Changes are small against the value; with only one value the line runs in the middle.
        floor={low === high ? 0 : low - (high - low) * 0.25}
        steps
      />
      <p class="axis" aria-hidden="true">
        <span>{time(span)} ago</span>
        <span>now</span>
      </p>
    </div>
  );
}

interface Curve {
  name: string;
  title: string;
  /** The label of the highest value. */
  top: string;
  values: readonly number[];
  times: readonly number[];
  /** The value at the bottom. */
  floor: number;
  /** Values hold until the next one. */
  steps?: boolean;
}

function Plot({ name, title, top, values, times, floor, steps }: Curve) {
  const most = Math.max(...values);
  // Leave some room above, and never divide by zero.
  const ceiling = most > floor ? floor + (most - floor) * 1.1 : floor + 1;
  const begin = times[0] ?? 0;
  const span = Math.max(1e-6, (times.at(-1) ?? 0) - begin);
  const x = (at: number): string => (PAD.left + ((at - begin) / span) * (WIDTH - PAD.left - PAD.right)).toFixed(1);
  const y = (value: number): string =>
    (PAD.top + (1 - (value - floor) / (ceiling - floor)) * (HEIGHT - PAD.top - PAD.bottom)).toFixed(1);
  const line = values
    .map((value, index) => {
      const at = x(times[index] ?? 0);
      if (index === 0) return `M${at} ${y(value)}`;
      return steps ? `H${at}V${y(value)}` : `L${at} ${y(value)}`;
    })
    .join('');
  const bottom = HEIGHT - PAD.bottom;
  return (
    <figure class={`plot ${name}`}>
      <figcaption>
        <span>{name === 'rate' ? 'Rate' : 'Difficulty'}</span>
        <span class="top">{top}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={title}>
        <path class="grid" d={`M0 ${PAD.top}H${WIDTH}M0 ${(HEIGHT + PAD.top) / 2}H${WIDTH}M0 ${bottom}H${WIDTH}`} />
        <path class="area" d={`${line}V${bottom}H${x(begin)}Z`} />
        <path class="line" d={line} />
      </svg>
    </figure>
  );
}
