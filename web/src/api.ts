/** What both entries export. */

export { BtpowError, type ErrorCode } from './errors.js';
export {
  type Freshness,
  type PowRegister,
  createSolver,
  encodePowRegister,
  expectedSeconds,
  freshness,
  isStale,
  seal,
  solve,
  verify,
} from './functions.js';
export {
  type CallArgument,
  type HotkeyState,
  type RegistrationProtocol,
  type RuntimeDescription,
  type Standing,
  type SubnetState,
  registrationProtocol,
  standing,
} from './rules.js';
export type { Solver } from './solver.js';
export type {
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
