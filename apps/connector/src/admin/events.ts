import type { ServerResponse } from 'node:http'
import type { AccountId } from '@ilp/service-core'
import type { Balance } from '@ilp/store-traits'
import type { ConnectorAccount } from '../account.js'
import type { AlertChange } from '../alerts/alert-book.js'
import { shownBalance } from './balances.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import type { PaymentRecord } from './payment-book.js'
import { shownPayment } from './payments.js'
import { Problem } from './problem.js'

/** What this process tells of itself. The data is small, and holds no secrets. */
export interface Events {
  /** Whether one more may listen. */
  readonly hasRoom: () => boolean
  readonly link: (account: AccountId, isUp: boolean) => void
  /** Something that somebody has to look at. */
  readonly alert: (message: string, account: string | undefined) => void
  /** An alert was raised, or has ended. */
  readonly alertChanged: (change: AlertChange) => void
  /** The account's balance may be another one. Told once a second, with the balance as it is then. */
  readonly booked: (account: { readonly id: AccountId }) => void
  /** A packet that was answered. Whoever tells of packets tells of few: `takesPacket` says when. */
  readonly packet: (packet: PacketEvent) => void
  /** Whether a packet is to be told of: to listeners, and SAMPLES_PER_SECOND_MAX of them at most. */
  readonly takesPacket: () => boolean
  /** A payment has begun, or is over. */
  readonly payment: (payment: PaymentRecord) => void
  readonly listen: (response: ServerResponse) => void
}

export interface PacketEvent {
  readonly from: string
  /** Where its destination leads; null where that is nowhere. */
  readonly to: string | null
  readonly amount: string
  readonly destination: string
  /** `fulfilled`, or the code of the reject. */
  readonly outcome: string
  /** The address of the node that the reject says it is from. */
  readonly rejectedBy?: string
  readonly tookMs: number
}

export interface EventsDeps {
  readonly accounts: { readonly get: (id: AccountId) => ConnectorAccount | undefined }
  readonly readBalance: (id: AccountId) => Promise<Balance>
}

export const LISTENERS_MAX = 32
/** A listener with more than this unread is dropped. */
const UNREAD_BYTES_MAX = 262_144
const SAMPLES_PER_SECOND_MAX = 20
const BALANCES_PER_SECOND_MAX = 50
const TICK_MS = 1_000
/** Something is sent this often, so that what is between can tell a quiet connection from a dead one. */
const HEARTBEAT_TICKS = 15

/** Events of this process, for those who listen at the moment: nothing is kept. */
export function createEvents(deps: EventsDeps): Events {
  const hub = new Hub(deps)
  const { accounts } = deps
  const nameOf = (id: AccountId) => accounts.get(id)?.username ?? id
  return {
    hasRoom: () => hub.listeners.size < LISTENERS_MAX,
    link: (account, isUp) => hub.tell('link', () => ({ account: nameOf(account), isUp })),
    alert: (message, account) => hub.tell('alert', () => ({ message, account })),
    alertChanged: ({ state, alert }) => hub.tell('alert', () => ({ state, ...alert })),
    booked: ({ id }) => {
      if (hub.listeners.size > 0) hub.booked.add(id)
    },
    packet: packet => hub.tell('packet', () => packet),
    takesPacket: () => {
      if (hub.samples === 0) return false
      hub.samples -= 1
      return true
    },
    payment: payment =>
      hub.tell('payment', () => {
        const account = accounts.get(payment.account)
        return account ? shownPayment(payment, account) : { id: payment.id }
      }),
    listen: response => hub.listen(response),
  }
}

class Hub {
  readonly listeners = new Set<ServerResponse>()
  readonly booked = new Set<AccountId>()
  /** Packets that are told of until the next tick. */
  samples = 0
  readonly #deps: EventsDeps
  #timer: NodeJS.Timeout | undefined
  #ticks = 0

  constructor(deps: EventsDeps) {
    this.#deps = deps
  }

  listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(': listening\n\n')
    this.listeners.add(response)
    response.on('error', () => response.destroy())
    response.once('close', () => this.#left(response))
    this.#timer ??= setInterval(() => void this.#tick(), TICK_MS)
    this.samples ||= SAMPLES_PER_SECOND_MAX
  }

  tell(event: string, data: () => object): void {
    if (this.listeners.size > 0) this.#send(`event: ${event}\ndata: ${JSON.stringify(data())}\n\n`)
  }

  #left(response: ServerResponse): void {
    this.listeners.delete(response)
    if (this.listeners.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.samples = 0
    this.booked.clear()
  }

  #send(text: string): void {
    for (const response of this.listeners) {
      if (response.writableLength > UNREAD_BYTES_MAX) response.destroy()
      else response.write(text)
    }
  }

  async #tick(): Promise<void> {
    this.samples = SAMPLES_PER_SECOND_MAX
    this.#ticks += 1
    if (this.#ticks % HEARTBEAT_TICKS === 0) this.#send(': still here\n\n')
    const { accounts, readBalance } = this.#deps
    for (const id of [...this.booked].slice(0, BALANCES_PER_SECOND_MAX)) {
      this.booked.delete(id)
      const account = accounts.get(id)
      // What can't be read now is told with the account's next packet.
      const books = account && (await readBalance(id).catch(() => undefined))
      if (books) this.tell('balance', () => ({ account: account.username, ...shownBalance(account, books) }))
    }
  }
}

export const eventEndpoints = ({ events }: Pick<AdminDeps, 'events'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/events',
    summary:
      'What happens in this process, as server-sent events: link, balance, packet (a sample), payment, alert',
    answers: { 200: { description: 'one event after another', contentType: 'text/event-stream' } },
    handle: () => {
      if (!events.hasRoom()) throw new Problem(503, 'too many listen already')
      return { status: 200, stream: events.listen }
    },
  }),
]
