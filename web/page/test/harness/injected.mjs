/** Wallets that a test invents: scripts that inject them before the page begins. */

/**
 * A wallet with this name that shares these accounts, `{ address, name, type }`. `signature` is what it signs with; `enable` is
 * JavaScript that runs when a page connects.
 */
export function injected(name, accounts, { signature = '0x', enable = '' } = {}) {
  const json = JSON.stringify;
  return `
    globalThis.injectedWeb3 = { ...globalThis.injectedWeb3, [${json(name)}]: { version: '1', enable: async () => {
      ${enable}
      return {
        accounts: { get: async () => ${json(accounts)}, subscribe: () => {} },
        signer: { signPayload: async () => ({ id: 1, signature: ${json(signature)} }) },
      };
    } } };`;
}
