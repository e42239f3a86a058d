import { type IncomingRequest, type Service, silentLogger, unreachable } from '@ilp/service-core'
import { type ConnectionTerms, streamCredentials, streamReceiver } from '@ilp/stream-receiver'

export const ASSET = { code: 'EUR', scale: 6 }
const ADDRESS = 'test.connector.receiver'
const credentials = streamCredentials(Buffer.alloc(32, 7))

/** Our own receiver. */
export function ourReceiver(terms?: ConnectionTerms) {
  let total = 0n
  const layer = streamReceiver({
    receiverOf: () => ({ address: ADDRESS, asset: ASSET }),
    credentials,
    onMoney: ({ amount }) => {
      total += amount
    },
    logger: silentLogger,
  })
  const service: Service<IncomingRequest> = layer({
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable('test.connector', 'nobody else is here')),
  })
  const { destinationAccount: destinationAddress, sharedSecret } = credentials.issue(ADDRESS, terms)
  return { service, destinationAddress, sharedSecret, total: () => total }
}
