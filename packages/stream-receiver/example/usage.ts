import { randomBytes } from 'node:crypto'
import { type IncomingRequest, silentLogger, stack, unreachable } from '@ilp/service-core'
import { streamCredentials, streamReceiver } from '@ilp/stream-receiver'

const shop = { address: 'test.shop', asset: { code: 'USD', scale: 9 } }
const credentials = streamCredentials(randomBytes(32))

/** What has been paid, by invoice. */
export const paid = new Map<string, bigint>()

/** What the payer of an invoice has to know, for instance in the answer to an SPSP query. */
export const invoice = (id: string) => credentials.issue(shop.address, { tag: id })

/** A receiver and nothing else. In a program of its own, an HTTP or a BTP server stands before it. */
export const chain = stack<IncomingRequest>()
  .use(
    streamReceiver({
      receiverOf: () => shop,
      credentials,
      onMoney: ({ tag = 'donations', amount }) => {
        paid.set(tag, (paid.get(tag) ?? 0n) + amount)
      },
      logger: silentLogger,
    }),
  )
  .around({
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable(shop.address, 'nobody else is here')),
  })
