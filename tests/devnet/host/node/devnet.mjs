// One test chain: chopsticks executes the runtime, with JSON-RPC over WebSocket in front of it.
//
//   node devnet.mjs NODE_MODULES
//
// - stdin: first a line of JSON, { genesis, code, blockTime, port }; then nothing. When stdin ends,
//   the chain ends, so that it cannot outlive the program that started it.
// - stdout: one line of JSON, { port }, as soon as the chain listens; then chopsticks' log.
//
// Blocks are made on request (`dev_newBlock`) and, if `blockTime` is given in milliseconds, by a timer.
// Everything that changes the chain waits for its turn, so no block is made while storage is being set.
// Besides chopsticks' own `dev_*` methods there are:
//
// - `devnet_pauseBlocks`, `devnet_resumeBlocks`: the timer.
// - `devnet_upgrade [path of a runtime]`: a block whose state has the new runtime.
// - `devnet_setHead [number]`: continues from that block, with other blocks than before.

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

import { startChain } from './chain.mjs'
import { listen } from './server.mjs'

// The packages are outside the clone, where an `import` would not find them.
const require = createRequire(`${process.argv[2]}/`)
const core = require('@acala-network/chopsticks-core')
const ws = require('ws')

const input = createInterface({ input: process.stdin })
const options = JSON.parse((await input[Symbol.asyncIterator]().next()).value)

const end = () => process.exit(0)
input.on('close', end)
process.on('SIGTERM', end)
process.on('SIGINT', end)

try {
  const { handle, timer } = await startChain(core, options)
  const port = await listen({ ws, port: options.port, handle })
  console.log(JSON.stringify({ port }))
  if (options.blockTime) timer.start(options.blockTime)
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
