/** What both entries export. */

export { BtpowError, type ErrorCode } from './errors.js';
export {
  type Freshness,
  createSolver,
  expectedSeconds,
  freshness,
  isStale,
  seal,
  solve,
  verify,
} from './functions.js';
export {
  type PowRegister,
  type PreparedPowRegister,
  type SignedPowRegister,
  type SignerPayload,
  encodePowRegister,
  preparePowRegister,
} from './pow-register.js';
export {
  type HotkeyState,
  type RegistrationProtocol,
  type RuntimeDescription,
  type Standing,
  type SubnetState,
  genesisHash,
  registrationProtocol,
  standing,
} from './rules.js';
export type { Solver } from './solver.js';
export type {
  Bytes,
  Bytes32,
  Challenge,
  Device,
  DeviceKind,
  Key,
  LegacyChallenge,
  Overrides,
  Rates,
  SearchOptions,
  Solution,
  SolveOptions,
  SolverEvents,
  SolverOptions,
  Statistics,
  V1Challenge,
  WasmSource,
  WorkerLike,
} from './types.js';
