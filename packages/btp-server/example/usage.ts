import { createServer } from 'node:http'
import { createBtpPool } from '@ilp/btp-pool'
import { btpServer, type UpgradeHandler } from '@ilp/btp-server'
import { accountId, Fulfill, type IncomingRequest, type Service, stack } from '@ilp/service-core'

const alice = { id: accountId('alice'), username: 'alice' }
type Account = typeof alice

/** Fulfills every packet whose fulfillment is 32 zeros. */
const shop: Service<IncomingRequest<Account>> = {
  ready: () => Promise.resolve(),
  call: ({ from }) =>
    Promise.resolve(
      Fulfill.create({ fulfillment: new Uint8Array(32), data: Buffer.from(`thanks, ${from.username}`) }),
    ),
}

export const http = createServer()
const address = () => 'test.shop'
const pool = createBtpPool({ address })

const chain = stack<IncomingRequest<Account>>()
  .use(
    btpServer(
      {
        pool,
        address,
        accounts: { get: id => (id === alice.id ? alice : undefined), watch: () => () => {} },
        credentials: {
          authenticate: (_link, token) => (token === 'alices-token' ? alice.id : undefined),
          watch: () => () => {},
        },
        // In a node with other servers: the listener that they share.
        listener: {
          upgrade: (_pattern, handler: UpgradeHandler) => {
            http.on('upgrade', (request, socket, head) => handler(request, socket, head, {}))
            return () => http.removeAllListeners('upgrade')
          },
        },
      },
      { paths: ['/btp'], authTimeoutMs: 2_000 },
    ),
  )
  .around(shop)

export async function start(): Promise<void> {
  await chain.start()
  http.listen(0, '127.0.0.1')
}

/** Packets in flight are answered first; then the sockets are closed. */
export async function stop(): Promise<void> {
  await chain.stop()
  await pool.stop()
  http.close()
}
