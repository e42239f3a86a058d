import { randomUUID } from 'node:crypto'
import { type Disposable, type Logger, lifecycle } from '@ilp/service-core'
import { Agent } from 'undici'
import { checkOptions, WEBHOOKS_DEFAULTS, type WebhooksOptions } from './options.js'
import { Receiver, type ReceiverStats } from './receiver.js'

/** Who is told of events. */
export interface WebhookTarget {
  /** An `http` or `https` URL; any address that this machine reaches, since whoever runs it has chosen it. */
  readonly url: string
  /** What deliveries are signed with. */
  readonly secret: string
  /** The types of events that it is told of; all unless given. */
  readonly events?: readonly string[] | undefined
}

export interface WebhookEvent {
  readonly type: string
  /** Becomes JSON; holds no secrets. */
  readonly data: object
}

export interface Webhooks extends Disposable {
  /** Sends the event on its way to all whom it is for. Never waits, never throws. */
  readonly tell: (event: WebhookEvent) => void
  /** One for each target, in their order. */
  readonly stats: () => readonly ReceiverStats[]
}

export interface WebhooksDeps {
  readonly targets: readonly WebhookTarget[]
  readonly logger: Logger
  /** 0 to 1, for the pauses between attempts; `Math.random` unless given. */
  readonly random?: () => number
}

/**
 * Posts events to URLs, each in the order of the events, and again until it is taken (2xx), within the bounds that the
 * options set. An event has the same `id` in every attempt: one whose answer was lost comes twice.
 * @throws RangeError when an option is no whole number above 0
 * @throws TypeError for a URL that is none
 */
export function createWebhooks(deps: WebhooksDeps, options: Partial<WebhooksOptions> = {}): Webhooks {
  const { targets, logger, random = Math.random } = deps
  const all = checkOptions({ ...WEBHOOKS_DEFAULTS, ...options })
  let agent: Agent | undefined
  const dispatcher = () => {
    agent ??= new Agent({ connect: { timeout: all.timeoutMs } })
    return agent
  }
  const receivers = targets.map(
    ({ url, secret }) => new Receiver({ url, secret, dispatcher, random, logger }, all),
  )
  return {
    ...lifecycle({
      start: async () => {},
      stop: async () => {
        await Promise.all(receivers.map(receiver => receiver.stop()))
        await agent?.destroy()
      },
    }),
    tell: ({ type, data }) => {
      const body = JSON.stringify({ id: randomUUID(), type, createdAt: new Date().toISOString(), data })
      for (const [index, { events }] of targets.entries()) {
        if (events === undefined || events.includes(type)) receivers[index]?.tell(body)
      }
    },
    stats: () => receivers.map(receiver => receiver.stats()),
  }
}
