import { solve, verify } from './node_modules/btpow/dist/index.js';

const state = document.getElementById('state');
const challenge = {
  protocol: 'v1',
  netuid: 1,
  blockHash: crypto.getRandomValues(new Uint8Array(32)), // of the newest block
  hotkey: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
  coldkey: '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty',
  difficulty: 5_000_000n,
};
const onProgress = ({ hashRate, expectedTime }) => {
  state.textContent = `${(hashRate / 1e6).toFixed(1)} MH/s: a nonce takes about ${expectedTime?.toFixed(1)} s`;
};
try {
  const { nonce, device } = await solve(challenge, { onProgress });
  state.textContent = `${device} found ${nonce}, which ${(await verify(challenge, nonce)) ? 'wins' : 'does not win'}`;
} catch (error) {
  state.textContent = `${error.code}: ${error.message}`;
}
