/**
 * The script of every consumer: solves, verifies, asks the registration module, and leaves the results in `globalThis.outcome`; with
 * the GPU too, if `webgpu`.
 */
export function script(specifier, { webgpu = false } = {}) {
  return `
import { genesisHash, solve, verify } from '${specifier}';
const challenge = { protocol: 'v1', netuid: 1, blockHash: new Uint8Array(32), hotkey: new Uint8Array(32),
  coldkey: new Uint8Array(32), difficulty: 20000n };
try {
  const { nonce } = await solve(challenge, { workers: 2, timeout: 60000, ...globalThis.overrides });
  const won = (await verify(challenge, nonce)) && (await genesisHash('finney')).startsWith('0x2f0555');
  const again = ${webgpu} && (await solve(challenge, { devices: 'webgpu', timeout: 60000 }));
  globalThis.outcome = again ? { won: won && (await verify(challenge, again.nonce)), device: again.device } : { won };
} catch (error) {
  globalThis.outcome = { code: error.code, message: error.message };
}`;
}
