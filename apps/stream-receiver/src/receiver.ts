import { hkdfSync } from 'node:crypto'
import { bearerTokens } from '@ilp/http-auth'
import { httpServer } from '@ilp/http-server'
import { inFlight } from '@ilp/in-flight'
import { createListener } from '@ilp/listener'
import {
  type Asset,
  accountId,
  type Disposable,
  errorBoundary,
  hasPrefix,
  type IncomingRequest,
  type Logger,
  sequence,
  stack,
  unreachable,
} from '@ilp/service-core'
import { spspServer } from '@ilp/spsp-server'
import { createSecrets } from '@ilp/store-traits'
import { type MoneyReceived, streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import { incomingValidator } from '@ilp/validator'

export interface ReceiverOptions {
  /** This receiver's ILP address: what the connector routes to it. */
  readonly ilpAddress: string
  /** Where it listens; port 0 for any free one. */
  readonly listen: { readonly host: string; readonly port: number }
  /** The tokens that the connector may present. */
  readonly incomingTokens: readonly string[]
  /** What the amounts of its packets are counted in. */
  readonly asset: Asset
  /** 64 hexadecimal digits. Credentials that were issued stay good as long as it stays the same. */
  readonly secretSeed: string
}

export interface ReceiverDeps {
  readonly logger: Logger
  /** Told of money when it has come; see `streamReceiver`. */
  readonly onMoney?: (money: MoneyReceived) => void
}

export interface Receiver extends Disposable {
  /** Where it listens, once it has started: packets at `/ilp`, SPSP at `/.well-known/pay`. */
  readonly url: () => string
}

/** One connector in front, any number of senders behind it, and the money that they send. */
export function createReceiver(options: ReceiverOptions, { logger, onMoney }: ReceiverDeps): Receiver {
  const { ilpAddress, listen, asset } = options
  const address = () => ilpAddress
  const seed = Buffer.from(options.secretSeed, 'hex')
  const listener = createListener({ ...listen, logger })
  const connector = { id: accountId('connector'), username: 'connector' }
  const secrets = createSecrets(seed)
  const tokens = new Set(options.incomingTokens.map(secrets.hashToken))
  const authentication = bearerTokens({
    credentials: {
      authenticate: (_, token) => (tokens.has(secrets.hashToken(token)) ? connector.id : undefined),
      watch: () => () => {},
    },
  })
  const credentials = streamCredentials(Buffer.from(hkdfSync('sha256', seed, '', 'stream receiver', 32)))
  const receiver = { address: ilpAddress, asset }
  const receiverOf = ({ prepare }: IncomingRequest) =>
    hasPrefix(prepare.destination, ilpAddress) ? receiver : undefined
  const window = inFlight({ address })

  const chain = stack<IncomingRequest<typeof connector>>()
    .use(
      httpServer({
        listener,
        accounts: { get: () => connector },
        authenticate: authentication.authenticate,
        address,
        logger,
      }),
    )
    .use(errorBoundary({ address, logger }))
    .use(window)
    .use(incomingValidator({ address }))
    .use(streamReceiver({ receiverOf, credentials, logger, ...(onMoney && { onMoney }) }))
    .around({
      ready: () => Promise.resolve(),
      call: () => Promise.resolve(unreachable(ilpAddress, 'nobody receives at this address')),
    })
  const spsp = spspServer({
    listener,
    receiverFor: (username, receipts) =>
      username === undefined ? credentials.issue(ilpAddress, receipts && { receipts }) : undefined,
  })
  const parts = sequence([
    authentication,
    chain,
    spsp,
    listener,
    // Stopped first: packets in flight end before anything closes.
    { stop: window.drain },
  ])

  return { ...parts, url: listener.url }
}
