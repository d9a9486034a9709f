/**
 * `cargo xtask web --serve`: the page, and a test chain to try it on. Arguments are options of `cargo xtask devnet`.
 */

import { run } from './harness/chain.mjs';
import { serve } from './harness/server.mjs';

/** Always the same if possible: to a wallet, another port is another page, which it does not know. */
const PORT = 5173;

// Blocks come as on the real chain, so that there is time to sign.
const options = ['--port', '0', '--block-time', '12s', ...process.argv.slice(2)];
const chain = await run(options, console.log).catch((error) => {
  console.error(`error: ${error.message}`);
  process.exit(1);
});
const server = await serve({ port: PORT });
const preset = new URLSearchParams({ endpoint: chain.endpoint, netuid: '1' });
console.log(`\nThe page, with this chain and subnet 1 chosen:\n${server.url}?${preset}\n`);
// It ends with Ctrl-C.
process.exitCode = 0;
