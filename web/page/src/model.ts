/** What the page shows. The controller writes it; the views read it. */

import type { Choice } from './chain/network.ts';
import type { Head, Standing, Subnet } from './chain/types.ts';
import type { Key } from './keys.ts';
import type { Offer } from './registration/session.ts';
import type { Note } from './registration/words.ts';
import { BLOCK_TIME } from './pace.ts';
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

/** Why mining ended: the chain takes no proof, or this machine cannot mine. */
export interface Failure {
  readonly kind: 'refused' | 'error';
  readonly text: string;
}

/** The key is on the subnet. */
export interface Result {
  readonly uid: number;
  /** The block that holds the registration, if the page saw it, and its number, if the page could read it. */
  readonly block: { readonly hash: string; readonly number: number | undefined } | undefined;
  /** Whether the key was registered before the page sent anything. */
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
  /** Whether the genesis had to be a known one. If not, whoever runs the endpoint may have invented the chain. */
  readonly pinned: boolean;
  readonly endpoint: string;
  /** Why the page registers nothing on it, if it does not. */
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
  /** Why it was dropped, if it was. */
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
  /** The chance, 0 to 1, that as many hashes as were tried so far find a proof. */
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
    /** Wallets inject themselves when they are ready, so the page cannot know at once that there is none. */
    readonly looking: boolean;
    /** The one that was asked to connect, and has not answered. */
    readonly asked: string | undefined;
    readonly name: string | undefined;
    readonly accounts: readonly Account[];
    /** The kinds of the accounts that it shares and that can be no coldkeys. */
    readonly others: readonly string[];
    readonly error: string | undefined;
  };
  coldkey: Key | undefined;
  choice: Choice;
  /** The text in the endpoint field. */
  endpoint: string;
  /** The endpoint in the address, until the visitor says whether to connect to it. */
  invitation: string | undefined;
  link: Link;
  /** Why there is no connection. */
  linkError: string | undefined;
  chain: Chain | undefined;
  /** The subnets that take proofs of work, the easiest first, once the page has read them. */
  subnets: readonly Row[] | undefined;
  /** The page is reading them. */
  listing: boolean;
  netuid: number | undefined;
  /** The text in the hotkey field. */
  hotkeyText: string;
  hotkey: Key | undefined;
  hotkeyError: string | undefined;
  /** What the chain says about the choice, once it is complete. */
  standing: Standing | undefined;
  head: Head | undefined;
  /** When the page saw the head, by `performance.now()`. */
  headSeen: number;
  /** Seconds between two blocks of this chain, as the page saw them. */
  blockTime: number;
  subnet: Subnet | undefined;
  /** What should hash: `auto`, `wasm`, `webgpu`, or several with commas. */
  devices: string;
  /** The rate of this machine in hashes per second, once measured. */
  rate: number | undefined;
  /** The machine is being measured. */
  measuring: boolean;
  /** Why it could not be measured. */
  measureError: string | undefined;
  /** Whether the browser has a GPU for the page. */
  gpu: boolean;
  /** The visitor wants to mine: from Start to Stop. */
  running: boolean;
  search: Search | undefined;
  samples: readonly Sample[];
  offer: Offer | undefined;
  /** The proof that the wallet was asked to sign. */
  asked: Offer | undefined;
  /** Why the last signature came to nothing, or why it waits. */
  signatureNote: Note | undefined;
  /** When the page may ask the wallet again, by `performance.now()`. */
  nextAsk: number;
  /** Ask the wallet as soon as there is a proof. */
  eager: boolean;
  /** The visitor has signed: the page is sending it or holding it back, or the pool has it. */
  submission: 'sending' | 'submitted' | undefined;
  result: Result | undefined;
  failure: Failure | undefined;
  /** Another tab mines. */
  elsewhere: boolean;
  log: readonly Entry[];
}

/** A model that knows nothing but the earlier choices. */
export function emptyModel(settings: Settings, rate: number | undefined): Model {
  return {
    phase: 'connect',
    wallet: { found: [], looking: true, asked: undefined, name: undefined, accounts: [], others: [], error: undefined },
    coldkey: undefined,
    choice: settings.choice,
    endpoint: settings.endpoint,
    invitation: settings.invitation,
    link: 'none',
    linkError: undefined,
    chain: undefined,
    subnets: undefined,
    listing: false,
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
    measuring: false,
    measureError: undefined,
    gpu: false,
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
