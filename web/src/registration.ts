/**
 * What is used of the module of registrations. What is held in its memory is freed with the object that JavaScript has of it.
 */

export {
  PowRegister,
  Protocol,
  Runtime,
  SubnetState,
  genesisOf,
  initSync,
  standing,
} from '../generated/registration/btpow_registration.js';
