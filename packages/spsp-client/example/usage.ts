import { randomBytes } from 'node:crypto'
import { createListener } from '@ilp/listener'
import {
  accountId,
  type IncomingRequest,
  sequence,
  silentLogger,
  stack,
  unreachable,
} from '@ilp/service-core'
import { createSpspClient } from '@ilp/spsp-client'
import { spspServer } from '@ilp/spsp-server'
import { streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import { streamSender } from '@ilp/stream-sender'

const shop = { address: 'test.shop', asset: { code: 'USD', scale: 9 } }
const credentials = streamCredentials(randomBytes(32))

/** The head of a node's chain. Here the shop itself is the node. */
const node = stack<IncomingRequest>()
  .use(streamReceiver({ receiverOf: () => shop, credentials, logger: silentLogger }))
  .around({
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable(shop.address, 'nobody else is here')),
  })
const sender = streamSender({ service: node, from: { id: accountId('alice') } })

/** Pays the shop by its payment pointer, and says what came of it. */
export async function payShop(source: bigint): Promise<string> {
  const listener = createListener({ host: '127.0.0.1', port: 0 })
  const server = sequence([
    spspServer({ listener, receiverFor: () => credentials.issue(shop.address) }),
    listener,
  ])
  await server.start()
  // A shop on the internet needs no options at all.
  const local = { allowHttp: true, allowPrivateAddresses: true, origins: { 'shop.example': listener.url() } }
  const spsp = createSpspClient({}, local)
  const answer = await spsp.query('$shop.example')
  // Before money leaves, its owner gets to see who says where it goes: `answer.hops`.
  const { end, delivered } = await sender.pay({ ...answer, amount: { source } })
  await spsp.stop()
  await server.stop()
  return `${end}: ${delivered} delivered, as ${answer.hops.at(-1)?.hostname} said`
}
