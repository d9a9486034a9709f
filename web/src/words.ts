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
export function inWords(sentence: number, ...gaps: readonly bigint[]): string {
  return (SENTENCES[sentence] ?? (SENTENCES[0] as string)).replace(/\{(\d)\}/g, (_, gap: string) => String(gaps[Number(gap)]));
}
