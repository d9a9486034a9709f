// JSON-RPC 2.0 over WebSocket, including batches.

import { createServer } from 'node:http'

const HOST = '127.0.0.1'
/** Metadata and runtimes are large. */
const MAX_MESSAGE = 100 * 2 ** 20

/** Listens on `port`, or on any free port if it is 0. Returns the port. `ws` is the package `ws`. */
export function listen({ ws, port, handle }) {
  const server = createServer((_, response) => response.writeHead(426).end('WebSocket only\n'))
  const sockets = new ws.WebSocketServer({ server, maxPayload: MAX_MESSAGE })
  sockets.on('connection', (socket) => serve(socket, handle))
  return new Promise((resolve, reject) => {
    sockets.on('error', (error) =>
      reject(new Error(`cannot listen at ${HOST}:${port}: ${error.message}`)),
    )
    server.listen(port, HOST, () => resolve(server.address().port))
  })
}

/** Answers one client. */
function serve(socket, handle) {
  const send = (message) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
  }
  const cancels = new Map()
  const subscriptions = {
    subscribe: (method, subscription, cancel = () => {}) => {
      cancels.set(subscription, cancel)
      return (result) => {
        if (cancels.has(subscription)) {
          send({ jsonrpc: '2.0', method, params: { result, subscription } })
        }
      }
    },
    unsubscribe: (subscription) => {
      cancels.get(subscription)?.(subscription)
      cancels.delete(subscription)
    },
  }
  const answer = async (request) => {
    const { id = null } = request ?? {}
    if (typeof request?.method !== 'string') {
      return { jsonrpc: '2.0', id, error: { code: -32600, message: 'Invalid request' } }
    }
    try {
      const result = (await handle(request, subscriptions)) ?? null
      return { jsonrpc: '2.0', id, result }
    } catch (error) {
      const { message = `${error}`, data } = error
      // Errors of Node.js have codes too, but they are words.
      const code = Number.isInteger(error.code) ? error.code : -32603
      return { jsonrpc: '2.0', id, error: { code, message, data } }
    }
  }
  socket.on('message', async (message) => {
    let request
    try {
      request = JSON.parse(message)
    } catch {
      return send({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'Parse error' } })
    }
    send(Array.isArray(request) ? await Promise.all(request.map(answer)) : await answer(request))
  })
  const close = () => {
    for (const subscription of [...cancels.keys()]) subscriptions.unsubscribe(subscription)
  }
  socket.on('close', close)
  socket.on('error', close)
}
