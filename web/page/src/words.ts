/** Numbers as people read them, and other people's text made safe to show in a line of ours. */

/** A rate: `15.0 MH/s`. */
export function rate(hashesPerSecond: number): string {
  return `${scaled(hashesPerSecond)}H/s`;
}

/** Seconds of a year, and those from which on years are counted: two of them. */
const YEAR = 31_557_600;
const YEARS = 2 * YEAR;

/** A duration: `12 ms`, `0.53 s`, `12.3 s`, `2 min 10 s`, `3 h 5 min`, `4.2 days`. */
export function time(seconds: number): string {
  const [minute, hour, day] = [60, 3_600, 86_400];
  // A unit ends where rounding would reach the next one.
  if (seconds < 0.0995) return `${(seconds * 1e3).toFixed(0)} ms`;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  if (seconds < hour - 0.5) {
    const whole = Math.round(seconds);
    return `${Math.floor(whole / minute)} min ${whole % minute} s`;
  }
  if (seconds < day - 30) {
    const minutes = Math.round(seconds / minute);
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  }
  if (seconds < YEARS) return `${(seconds / day).toFixed(1)} days`;
  return `${inWords(seconds / YEAR)} years`;
}

/** About how long: `under a second`, `about 4 s`, `about 12 min`, `about 3 h`, `about 5 days`. */
export function about(seconds: number): string {
  if (seconds < 1) return 'under a second';
  if (seconds < 59.5) return `about ${seconds.toFixed(0)} s`;
  if (seconds < 59.5 * 60) return `about ${(seconds / 60).toFixed(0)} min`;
  if (seconds < 47.5 * 3_600) return `about ${(seconds / 3_600).toFixed(0)} h`;
  if (seconds < YEARS) return `about ${(seconds / 86_400).toFixed(0)} days`;
  return `about ${inWords(seconds / YEAR)} years`;
}

/** A chance, 0 to 1, in percent: `39.3 %`. */
export function chance(chance: number): string {
  const percent = chance * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.01) return '< 0.01 %';
  if (percent < 1) return `${percent.toFixed(2)} %`;
  if (percent > 99.9) return '> 99.9 %';
  return `${percent.toFixed(1)} %`;
}

/** A count of blocks to come: `4 more blocks`. */
export function moreBlocks(count: number): string {
  return `${count} more block${count === 1 ? '' : 's'}`;
}

/** A whole number in groups of three digits: `300,000,000`. */
export function grouped(number: bigint | number): string {
  return number.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A difficulty in words: `about one try in 10 million wins`. */
export function odds(difficulty: bigint): string {
  return difficulty <= 1n ? 'every try wins' : `about one try in ${inWords(Number(difficulty))} wins`;
}

/** A large number in words: `10 million`. */
function inWords(number: number): string {
  let rest = number;
  for (const name of ['', ' thousand', ' million', ' billion', ' trillion', ' quadrillion']) {
    if (rest < 999.5) return `${short(rest)}${name}`;
    rest /= 1_000;
  }
  return `${short(rest)} quintillion`;
}

/** Two significant digits, without a trailing `.0`. */
function short(number: number): string {
  return number < 9.95 ? number.toFixed(1).replace('.0', '') : number.toFixed(0);
}

/** A number with its power of 1,000: `15.0 M`. */
function scaled(number: number): string {
  let rest = number;
  for (const prefix of ['', 'k', 'M', 'G', 'T', 'P']) {
    // 999.95 would read 1000.0.
    if (rest < 999.95) return `${rest.toFixed(1)} ${prefix}`;
    rest /= 1_000;
  }
  return `${rest.toFixed(1)} E`;
}

/** The beginning and the end of a key or hash. */
export function shortened(text: string): string {
  return text.length > 16 ? `${text.slice(0, 6)}…${text.slice(-6)}` : text;
}

/**
 * Somebody else's text on one line of at most `most` characters, without the controls that change the direction of
 * writing: text from nodes and wallets must not pass for the page's own.
 */
export function line(text: string, most = 200): string {
  const shown = [...text.replace(/\s+/gu, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '').trim()];
  return shown.length > most ? `${shown.slice(0, most).join('')}…` : shown.join('');
}

/** Somebody else's text as a sentence of the page: it begins with a capital and ends with a full stop. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?…]$/.test(text) ? '' : '.'}`;
}

/** The most characters of a message that is partly the page's own: it ends with what to do, which must not be cut off. */
const LONGEST = 1_000;

/** The message of an error, on one line. */
export function said(error: unknown): string {
  const text = error instanceof Error ? error.message : typeof error === 'string' ? error : (messageIn(error) ?? '');
  return line(text, LONGEST) || 'no reason was given';
}

/** The message of somebody else's error as a part of a sentence: the page goes on after it, or ends it. */
export function clause(error: unknown): string {
  return line(said(error)).replace(/\.+$/, '');
}

/** Wallets also throw objects that are no errors. */
function messageIn(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { message } = error as { message?: unknown };
  return typeof message === 'string' ? message : undefined;
}
