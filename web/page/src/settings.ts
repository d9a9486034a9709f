/** What the page remembers between visits, and what the address asks for. Never a secret. */

import type { SolverOptions } from 'btpow';
import { type Choice, readEndpoint } from './chain/network.ts';

const KEY = 'btpow';

/** The devices that may hash. */
export type Devices = NonNullable<SolverOptions['devices']>;

/** What was chosen. */
export interface Settings {
  choice: Choice;
  /** The text in the endpoint field. */
  endpoint: string;
  /** The endpoint in the address, if it is not the remembered one: whoever made the link chose it. */
  invitation: string | undefined;
  netuid: number | undefined;
  hotkey: string;
  /** Public key of the account, as 0x-hex. */
  coldkey: string | undefined;
  /** The wallet that was connected. */
  wallet: string | undefined;
  eager: boolean;
  devices: Devices;
}

/** What the address says wins over what the page remembers. */
export function readSettings(search: string, stored: string | null): Settings {
  const kept = parse(stored);
  const text = (name: string): string | undefined => (typeof kept[name] === 'string' ? (kept[name] as string) : undefined);
  const address = new URLSearchParams(search);
  const named = choice(address.get('network'));
  const [kind, endpoint] = [choice(text('choice')), text('endpoint') ?? ''];
  const given = address.get('endpoint') || undefined;
  const invited = given !== undefined && !(kind === 'custom' && given === endpoint);
  // Text that is not an endpoint may appear in its field: nothing will connect to it.
  const invitation = invited && isEndpoint(given) ? given : undefined;
  const custom = given !== undefined && invitation === undefined;
  const netuid = number(address.get('netuid')) ?? number(kept['netuid']);
  return {
    choice: custom ? 'custom' : ((given === undefined ? named : undefined) ?? kind ?? 'finney'),
    endpoint: custom ? given : endpoint,
    invitation,
    netuid,
    hotkey: address.get('hotkey') ?? text('hotkey') ?? '',
    coldkey: text('coldkey'),
    wallet: text('wallet'),
    eager: kept['eager'] === true,
    devices: devices(address.get('devices') ?? text('devices')),
  };
}

function isEndpoint(text: string): boolean {
  try {
    readEndpoint(text);
    return true;
  } catch {
    return false;
  }
}

function parse(stored: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(stored ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function choice(value: string | null | undefined): Choice | undefined {
  return (['finney', 'test', 'local', 'custom'] as const).find((known) => known === value);
}

function number(value: unknown): number | undefined {
  const whole = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof whole === 'number' && Number.isInteger(whole) && whole >= 0 && whole <= 65_535 ? whole : undefined;
}

function devices(value: string | undefined): Devices {
  const named = value?.split(',').filter((kind) => kind === 'wasm' || kind === 'webgpu') as Devices & string[];
  return named?.length > 0 ? named : 'auto';
}

/** A value in the storage of this site. Where the browser forbids that, or fails, the page remembers nothing. */
function get(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function loadSettings(): Settings {
  return readSettings(location.search, get(KEY));
}

export function saveSettings({ invitation: _, ...settings }: Settings): void {
  set(KEY, JSON.stringify({ ...settings, devices: String(settings.devices) }));
}

/** The last known rate of this machine, in hashes per second. */
export function knownRate(devices: Devices): number | undefined {
  const rate = Number(get(`${KEY}-rate-${devices}`));
  return rate > 0 ? rate : undefined;
}

export function setRate(devices: Devices, rate: number): void {
  if (rate > 0) set(`${KEY}-rate-${devices}`, String(Math.round(rate)));
}

/** The fastest tuning of this machine's GPU, if one was found. */
export function knownTuning(): string | undefined {
  return get(`${KEY}-gpu`) ?? undefined;
}

export function setTuning(tuning: string): void {
  set(`${KEY}-gpu`, tuning);
}

function set(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // It is full or forbidden, so the page remembers nothing.
  }
}

/** The proofs that the page keeps, as text. */
export function keptProofs(): string | null {
  return get(`${KEY}-proofs`);
}

export function keepProofs(text: string | undefined): void {
  set(`${KEY}-proofs`, text);
}
