/**
 * What the package uses of the registration module. Memory of the module is freed with the JavaScript object that stands for it.
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
