import { type IncomingRequest, type Service, unreachable } from '@ilp/service-core'
import { type RecordingLogger, recordingLogger } from '@ilp/service-testing'
import {
  type ConnectionTerms,
  type Credentials,
  type MoneyReceived,
  type StreamReceiverDeps,
  type StreamReceiverOptions,
  streamCredentials,
  streamReceiver,
} from '../src/index.js'
import { Sender } from './sender.js'

const credentials = streamCredentials(Buffer.alloc(32, 1))

/** What is received, in USD of scale 9. */
export const receiver = { address: 'test.node.receiver', asset: { code: 'USD', scale: 9 } }

export interface Receiving {
  readonly service: Service<IncomingRequest>
  readonly issue: (terms?: ConnectionTerms) => Credentials
  /** A sender with credentials of its own. */
  readonly connect: (terms?: ConnectionTerms) => Sender
  readonly received: readonly MoneyReceived[]
  /** The sum of all money received. */
  readonly total: () => bigint
  readonly logger: RecordingLogger
  readonly clock: { ms: number }
}

/** A process that receives for `receiver`. All of them have the same secret. */
export function receiving(
  deps: Partial<StreamReceiverDeps> = {},
  options: StreamReceiverOptions = {},
): Receiving {
  const received: MoneyReceived[] = []
  const logger = recordingLogger()
  const clock = { ms: 1_000_000 }
  const layer = streamReceiver(
    {
      receiverOf: ({ prepare }) => (prepare.destination.startsWith(receiver.address) ? receiver : undefined),
      credentials,
      onMoney: money => void received.push(money),
      logger,
      now: () => clock.ms,
      ...deps,
    },
    options,
  )
  const service = layer<IncomingRequest>({
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable('test.node', 'passed on')),
  })
  const issue = (terms?: ConnectionTerms) => credentials.issue(receiver.address, terms)
  return {
    service,
    issue,
    connect: terms => new Sender(service, issue(terms)),
    received,
    total: () => received.reduce((sum, { amount }) => sum + amount, 0n),
    logger,
    clock,
  }
}
