// Refused transactions, in the words of a node: chopsticks has its own words, and clients read them.

/** What `sp-runtime` calls each reason. */
const REASONS = {
  call: 'Transaction call is not expected',
  future: 'Transaction will be valid in the future',
  stale: 'Transaction is outdated',
  badProof: 'Transaction has a bad signature',
  ancientBirthBlock: 'Transaction has an ancient birth block',
  exhaustsResources: 'Transaction would exhaust the block limits',
  payment: 'Inability to pay some fees (e.g. account balance too low)',
  badMandatory: 'A call was labelled as mandatory, but resulted in an Error.',
  badSigner: 'Invalid signing address',
  cannotLookup: 'Could not lookup information required to validate the transaction',
  noUnsignedValidator: 'Could not find an unsigned validator for the unsigned transaction',
}
const MESSAGES = { 1010: 'Invalid Transaction', 1011: 'Unknown Transaction Validity' }

/**
 * The error as a node would send it: `{"invalid":{"custom":255}}` becomes code 1010, message
 * "Invalid Transaction", data "Custom error: 255". Any other error stays as it is.
 */
export function asNodesSay(error) {
  const message = MESSAGES[error.code]
  if (!message) return error
  try {
    const [[reason, detail]] = Object.values(JSON.parse(error.message)).map(
      (reasons) => Object.entries(reasons)[0],
    )
    const data = reason === 'custom' ? `Custom error: ${detail}` : REASONS[reason]
    return { code: error.code, message, data: data ?? error.message }
  } catch {
    return error // not a refusal but an accident, in plain words
  }
}
