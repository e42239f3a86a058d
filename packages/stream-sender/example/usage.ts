import { randomBytes } from 'node:crypto'
import { accountId, type IncomingRequest, silentLogger, stack, unreachable } from '@ilp/service-core'
import { streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import { streamSender } from '@ilp/stream-sender'

const shop = { address: 'test.shop', asset: { code: 'USD', scale: 9 } }
const credentials = streamCredentials(randomBytes(32))

/** The head of a node's chain. Here the node is a receiver and nothing else. */
const node = stack<IncomingRequest>()
  .use(streamReceiver({ receiverOf: () => shop, credentials, logger: silentLogger }))
  .around({
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable(shop.address, 'nobody else is here')),
  })

const sender = streamSender({ service: node, from: { id: accountId('alice') } })

/** Pays the shop, if that costs no more than `sourceMax`, and says what came of it. */
export async function payShop(delivery: bigint, sourceMax: bigint): Promise<string> {
  // Usually an answer to an SPSP query.
  const { destinationAccount: destinationAddress, sharedSecret } = credentials.issue(shop.address)
  const { end, sent, delivered, unknown } = await sender.pay({
    destinationAddress,
    sharedSecret,
    amount: { delivery, sourceMax },
    minRate: { delivered: 99n, sent: 100n },
    signal: AbortSignal.timeout(60_000),
  })
  return `${end}: ${sent} sent, ${delivered} delivered, ${unknown} unknown`
}
