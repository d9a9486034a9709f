/** The rate over time, and the difficulty where it changes. Plain SVG, in the colours of the style. */

import type { App } from '../app.ts';
import type { Sample } from '../model.ts';
import { grouped, rate, time } from '../words.ts';
import { Card } from './parts.tsx';

/** In units of the drawing, which scales to the width of its card. */
const WIDTH = 600;
const HEIGHT = 120;
const PAD = { left: 4, right: 4, top: 8, bottom: 4 };

/** Seconds before there is something to see. */
const BEGIN = 30;

export function ChartCard({ app }: { app: App }) {
  const { samples } = app.model;
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < BEGIN) return null;
  return (
    <Card id="chart" title="Over time">
      <Charts samples={samples} first={first} last={last} />
    </Card>
  );
}

function Charts({ samples, first, last }: { samples: readonly Sample[]; first: Sample; last: Sample }) {
  const span = last.at - first.at;
  const rates = samples.map((sample) => sample.rate);
  const difficulties = samples.map((sample) => Number(sample.difficulty));
  const [low, high] = [Math.min(...difficulties), Math.max(...difficulties)];
  const ends = (
    <p class="axis" aria-hidden="true">
      <span>{time(span)} ago</span>
      <span>now</span>
    </p>
  );
  return (
    <div class="charts">
      <Plot
        name="rate"
        label="Rate"
        now={rate(last.rate)}
        title={`Rate over the last ${time(span)}: now ${rate(last.rate)}, at most ${rate(Math.max(...rates))}`}
        ends={['0', rate(Math.max(...rates))]}
        values={rates}
        times={samples.map((sample) => sample.at)}
        floor={0}
      />
      {ends}
      {low === high ? (
        <p>
          Difficulty: {grouped(high)}, unchanged for {time(span)}.
        </p>
      ) : (
        <>
          <Plot
            name="difficulty"
            label="Difficulty"
            now={grouped(difficulties.at(-1) ?? high)}
            title={`Difficulty over the last ${time(span)}: ${grouped(low)} to ${grouped(high)}`}
            ends={[`from ${grouped(low)}, not from 0`, grouped(high)]}
            values={difficulties}
            times={samples.map((sample) => sample.at)}
            // Changes are small against the value.
            floor={low}
            steps
          />
          {ends}
        </>
      )}
    </div>
  );
}

interface Curve {
  name: string;
  label: string;
  /** The present value. */
  now: string;
  title: string;
  /** What stands at the bottom and at the top. */
  ends: readonly [string, string];
  values: readonly number[];
  times: readonly number[];
  /** The value at the bottom. */
  floor: number;
  /** Values hold until the next one. */
  steps?: boolean;
}

function Plot({ name, label, now, title, ends, values, times, floor, steps }: Curve) {
  const most = Math.max(...values);
  // Never divide by zero.
  const ceiling = most > floor ? most : floor + 1;
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
        <span>
          {label}: <strong>{now}</strong>
        </span>
        <span class="top">{ends[1]}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={title}>
        <path class="grid" d={`M0 ${PAD.top}H${WIDTH}M0 ${(HEIGHT + PAD.top) / 2}H${WIDTH}M0 ${bottom}H${WIDTH}`} />
        <path class="area" d={`${line}V${bottom}H${x(begin)}Z`} />
        <path class="line" d={line} />
      </svg>
      <p class="axis bottom" aria-hidden="true">
        <span>{ends[0]}</span>
      </p>
    </figure>
  );
}
