// The chain and its methods.

import { readFileSync } from 'node:fs'

import { asNodesSay } from './refusal.mjs'

/** Of all blocks: chopsticks forgets older ones, and would answer for them with the genesis. */
const MAX_BLOCKS = 1_000_000

/** Method names that nodes have besides those that chopsticks knows. */
const ALIASES = {
  account_nextIndex: 'system_accountNextIndex',
  chain_getFinalisedHead: 'chain_getFinalizedHead',
  chain_getRuntimeVersion: 'state_getRuntimeVersion',
  chain_subscribeRuntimeVersion: 'state_subscribeRuntimeVersion',
  chain_unsubscribeRuntimeVersion: 'state_unsubscribeRuntimeVersion',
  state_callAt: 'state_call',
  state_getKeysPagedAt: 'state_getKeysPaged',
}

/** A file, as chopsticks takes bytes. */
const hex = (path) => `0x${readFileSync(path).toString('hex')}`

/** Starts the chain, which makes its first block. `core` is chopsticks. */
export async function startChain(core, { genesis, code }) {
  genesis.genesis.raw.top['0x3a636f6465'] = hex(code) // `:code`
  const chain = await core.setup({
    genesis: new core.GenesisProvider(genesis),
    buildBlockMode: core.BuildBlockMode.Manual,
    maxMemoryBlockCount: MAX_BLOCKS,
    // It verifies signatures. That is the default; a test chain that accepts any would prove nothing.
    mockSignatureHost: false,
  })
  const context = { chain }

  let last = Promise.resolve()
  /** Runs one change after the other. */
  const inTurn = (change) => {
    const done = last.then(change)
    last = done.catch(() => {})
    return done
  }

  // The runtime that the next block brings. It must be part of the block before anybody learns of the
  // block, or the new runtime would run under the old one's metadata.
  let upgrade
  const onNewBlock = chain.onNewBlock.bind(chain)
  chain.onNewBlock = async (block) => {
    if (upgrade) block.setWasm(upgrade)
    upgrade = undefined
    await onNewBlock(block)
  }

  /** Makes a block. If that fails, chopsticks only logs it. */
  const newBlock = async () => {
    const { number } = chain.head
    await chain.newBlock()
    if (chain.head.number === number) throw new Error(`block ${number + 1} could not be built`)
  }

  let forks = 0
  const setHead = async (number) => {
    if (!Number.isInteger(number) || number < 1 || number > chain.head.number) {
      throw new core.ResponseError(1, `no block ${number}: the head is ${chain.head.number}`)
    }
    const block = await chain.getBlockAt(number)
    await chain.setHead(block)
    // Without this the same empty blocks would follow again, under the same hashes. It skips slots, as if
    // other authors made the other blocks, and a different number of them for each fork.
    forks += 1
    const slot = await core.getSlotDuration(block)
    const now = Number(await core.getCurrentTimestamp(block))
    await core.timeTravel(chain, now + forks * slot)
    return block.hash
  }

  const inTurns = (handler) => (context, params, subscriptions) =>
    inTurn(() => handler(context, params, subscriptions))
  const dev = Object.entries(core.allHandlers)
    .filter(([name]) => name.startsWith('dev_'))
    .map(([name, handler]) => [name, inTurns(handler)])
  const timer = blockTimer(() => inTurn(newBlock))
  const handlers = {
    ...core.allHandlers,
    ...Object.fromEntries(dev),
    dev_newBlock: inTurns(async (_, [params]) => {
      const { count = 1, to, ...unknown } = params ?? {}
      if (Object.keys(unknown).length > 0) {
        throw new core.ResponseError(1, `dev_newBlock takes no ${Object.keys(unknown)}`)
      }
      const target = to ?? chain.head.number + count
      while (chain.head.number < target) await newBlock()
      return chain.head.hash
    }),
    devnet_pauseBlocks: async () => timer.pause(),
    devnet_resumeBlocks: async () => timer.resume(),
    devnet_setHead: inTurns((_, [number]) => setHead(number)),
    devnet_upgrade: inTurns(async (_, [path]) => {
      upgrade = hex(path)
      await newBlock()
      return chain.head.hash
    }),
  }
  for (const [alias, name] of Object.entries(ALIASES)) handlers[alias] = handlers[name]
  handlers.rpc_methods = async () => ({ version: 1, methods: Object.keys(handlers).sort() })

  const handle = async ({ method, params }, subscriptions) => {
    const handler = Object.hasOwn(handlers, method) && handlers[method]
    if (!handler) throw new core.ResponseError(-32601, `Method not found: ${method}`)
    try {
      return await handler(context, params ?? [], subscriptions)
    } catch (error) {
      throw method.startsWith('author_submit') ? asNodesSay(error) : error
    }
  }
  return { handle, timer }
}

/** Makes blocks at a steady pace; when one takes longer, the next follows at once. */
function blockTimer(newBlock) {
  let period
  let running = false
  let timeout
  let due
  const schedule = () => {
    // There is one if blocks resume while the last one before the pause is still being made.
    clearTimeout(timeout)
    due = Math.max(due + period, Date.now())
    timeout = setTimeout(tick, due - Date.now())
  }
  const tick = async () => {
    await newBlock().catch((error) => console.error(`${error}`))
    if (running) schedule()
  }
  return {
    start(milliseconds) {
      period = milliseconds
      this.resume()
    },
    pause() {
      running = false
      clearTimeout(timeout)
    },
    resume() {
      if (running || !period) return
      running = true
      due = Date.now()
      schedule()
    },
  }
}
