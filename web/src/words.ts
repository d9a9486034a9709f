/** The sentences of the module's reasons: those of the core, by their number, which a test of `wasm` compares. */

const SENTENCES = [
  'a reason that this version does not know',
  'it has a character that no SS58 address has',
  'its checksum is wrong: a character was mistyped',
  'its length is not that of an SS58 address of 32 bytes',
  'it has a character that is not a hexadecimal digit',
  "it is an address of network {0}, not of Bittensor's network 42",
  'it has {1} bytes ({0} hexadecimal digits), not 32 (64)',
  'it has {0} hexadecimal digits, not 64',
  'its runtime is no Subtensor that btpow knows',
  'runtime {0} takes no proof of work: its register call ignores the proof and burns TAO of the signer',
  'runtime {0} is of no era whose seal btpow knows',
  'runtime {0} has a {text} call with other arguments than btpow knows (is there a newer btpow?)',
  'runtime {0} has no {text} call',
  'no_subnet: subnet {0} does not exist on this chain',
  'pow_off: subnet {0} takes no proof of work: its owner has not enabled it',
  'registered_by_other: the hotkey is registered on subnet {0} as UID {1}, but {text} owns it; use another hotkey',
  'no_places: subnet {0} has no place for any key; its owner must allow some first',
  'no_registrations: subnet {0} allows no registrations in a block; its owner must allow some first',
  'owned_by_other: the hotkey belongs to the coldkey {text}; use that coldkey, or another hotkey',
  'it was given work while it had some',
  'its driver reported error {0}',
  'its driver reported error -{0}',
  'it was given a round before a job',
  'the code that drives it panicked, a bug in btpow',
  'its self-test missed {0} of the known answers and gave {1} wrong ones',
  'it reported nonce {0}, which it was not given',
  'it reported nonce {0}, whose seal is not what it claims',
];

/** A reason in words: the number of a sentence, and what is in its gaps. */
export function inWords(sentence: number, first: bigint, second: bigint, text: string): string {
  const gaps: Record<string, unknown> = { '{0}': first, '{1}': second, '{text}': text };
  return (SENTENCES[sentence] ?? (SENTENCES[0] as string)).replace(/\{\w+\}/g, (gap) => String(gaps[gap]));
}
