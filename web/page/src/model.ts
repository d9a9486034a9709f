/** What the page shows. The controller writes it, the views read it. */

import type { Choice } from './chain/network.ts';
import type { Head, Subnet } from './chain/types.ts';
import type { Key } from './keys.ts';
import type { Standing } from './rules.ts';
import type { Offer } from './registration/session.ts';
import type { Note } from './registration/words.ts';
import type { Settings } from './settings.ts';
import type { Account } from './wallet.ts';

/** Where the visitor is; the value of `data-state`. */
export type Phase =
  | 'connect'
  | 'choose'
  | 'ready'
  | 'elsewhere'
  | 'mining'
  | 'proof'
  | 'signing'
  | 'sending'
  | 'submitted'
  | 'registered'
  | 'refused'
  | 'error';

/** Why mining ended: the chain takes nothing, or this machine cannot. */
export interface Failure {
  readonly kind: 'refused' | 'error';
  readonly text: string;
}

/** The key is on the subnet. */
export interface Result {
  readonly uid: number;
  /** The block that holds the registration, when it was seen; its number, when it could be read. */
  readonly block: { readonly hash: string; readonly number: number | undefined } | undefined;
  /** Whether it was there before anything was sent. */
  readonly already: boolean;
}

/** How the connection to the chain is; the value of `data-connection`. */
export type Link = 'none' | 'connecting' | 'connected' | 'lost';

/** A chain that was found. */
export interface Chain {
  readonly name: string;
  readonly runtime: string;
  readonly spec: number;
  readonly genesis: string;
  /** Whether the genesis had to be a known one; else whoever runs the endpoint may have made up the chain. */
  readonly pinned: boolean;
  readonly endpoint: string;
  /** Why nothing can be registered on it, if so. */
  readonly refusal: string | undefined;
}

export interface Row {
  readonly netuid: number;
  readonly subnet: Subnet;
}

/** One kind of device. */
export interface Device {
  /** `Processor`, `GPU`. */
  readonly kind: string;
  /** How many, and what they run: `8 workers, simd128`. */
  readonly detail: string;
  /** Hashes per second. */
  readonly rate: number;
  /** Why it gets no more work, if so. */
  readonly error: string | undefined;
}

/** A point of the chart. */
export interface Sample {
  /** Seconds since mining began. */
  readonly at: number;
  /** Hashes per second. */
  readonly rate: number;
  readonly difficulty: bigint;
}

/** How the search stands. */
export interface Search {
  readonly rate: number;
  /** Seconds until a proof, on average. */
  readonly expected: number | undefined;
  /** The chance, 0 to 1, with which the hashes tried so far would have brought a proof. */
  readonly chance: number;
  /** Hashes tried. */
  readonly tried: number;
  readonly devices: readonly Device[];
}

export interface Entry {
  readonly id: number;
  readonly at: Date;
  readonly text: string;
}

export interface Model {
  phase: Phase;
  wallet: {
    readonly found: readonly string[];
    /** Wallets inject themselves at their own time: that there is none is not known at once. */
    readonly looking: boolean;
    readonly busy: boolean;
    readonly name: string | undefined;
    readonly accounts: readonly Account[];
    readonly error: string | undefined;
  };
  coldkey: Key | undefined;
  choice: Choice;
  /** The text of the field for an endpoint. */
  endpoint: string;
  /** The endpoint of the address, while the visitor has not said whether to connect to it. */
  invitation: string | undefined;
  link: Link;
  /** Why there is no connection. */
  linkError: string | undefined;
  chain: Chain | undefined;
  subnets: readonly Row[] | undefined;
  netuid: number | undefined;
  /** The text of the field for the hotkey. */
  hotkeyText: string;
  hotkey: Key | undefined;
  hotkeyError: string | undefined;
  /** What the chain says of the choice, when it is complete. */
  standing: Standing | undefined;
  head: Head | undefined;
  /** When the head was seen, of `performance.now()`. */
  headSeen: number;
  /** Seconds between two blocks of this chain, as they were seen. */
  blockTime: number;
  subnet: Subnet | undefined;
  /** What is to hash: `auto`, `wasm`, `webgpu`, or several with commas. */
  devices: string;
  /** What this machine does, in hashes per second, when it was measured. */
  rate: number | undefined;
  /** Mining is wanted: from Start to Stop. */
  running: boolean;
  search: Search | undefined;
  samples: readonly Sample[];
  offer: Offer | undefined;
  /** The proof that the wallet was asked to sign. */
  asked: Offer | undefined;
  /** Why nothing came of the last signature, or why it waits. */
  signatureNote: Note | undefined;
  /** The next request is possible at that time, of `performance.now()`. */
  nextAsk: number;
  /** Ask the wallet as soon as there is a proof. */
  eager: boolean;
  /** Something is signed: it is being sent or held back, or the pool has it. */
  submission: 'sending' | 'submitted' | undefined;
  result: Result | undefined;
  failure: Failure | undefined;
  /** Another tab mines. */
  elsewhere: boolean;
  log: readonly Entry[];
}

/** Seconds between two blocks, before any were seen: those of finney. */
export const BLOCK_TIME = 12;

/** Nothing known, only what was chosen before. */
export function emptyModel(settings: Settings, rate: number | undefined): Model {
  return {
    phase: 'connect',
    wallet: { found: [], looking: true, busy: false, name: undefined, accounts: [], error: undefined },
    coldkey: undefined,
    choice: settings.choice,
    endpoint: settings.endpoint,
    invitation: settings.invitation,
    link: 'none',
    linkError: undefined,
    chain: undefined,
    subnets: undefined,
    netuid: settings.netuid,
    hotkeyText: '',
    hotkey: undefined,
    hotkeyError: undefined,
    standing: undefined,
    head: undefined,
    headSeen: 0,
    blockTime: BLOCK_TIME,
    subnet: undefined,
    devices: String(settings.devices),
    rate,
    running: false,
    search: undefined,
    samples: [],
    offer: undefined,
    asked: undefined,
    signatureNote: undefined,
    nextAsk: 0,
    eager: settings.eager,
    submission: undefined,
    result: undefined,
    failure: undefined,
    elsewhere: false,
    log: [],
  };
}
