import { createHmac, randomUUID } from 'node:crypto'
import {
  type AccountId,
  type Disposable,
  type IncomingRequest,
  type Logger,
  lifecycle,
  type Service,
} from '@ilp/service-core'
import { type SpspClient, SpspError } from '@ilp/spsp-client'
import type { AccountStore, AdjustmentStore } from '@ilp/store-traits'
import { type Payment, type PaymentResult, type Progress, type Quote, streamSender } from '@ilp/stream-sender'
import type { ConnectorAccount } from '../account.js'
import type { Events } from './events.js'
import { Problem } from './problem.js'
import { createTurns } from './turns.js'

/** What is to be paid, and to whom. */
export interface PaymentOrder extends Pick<Payment, 'amount' | 'minRate' | 'slippagePpm' | 'timeoutMs'> {
  /** A payment pointer, or the URL of an SPSP endpoint; with a secret, the ILP address that it goes with. */
  readonly pointer: string
  /** Base64. What nobody is asked for. */
  readonly sharedSecret?: string
}

/** A payment of an account's, from when it was asked for. */
export interface PaymentRecord {
  readonly id: string
  readonly account: AccountId
  readonly order: PaymentOrder
  readonly beganAtMs: number
  readonly progress: Pick<Progress, 'sent' | 'delivered' | 'inFlight' | 'reject'>
  /** What is known of the path; undefined until it is found out. */
  readonly quote: Quote | undefined
  /** What came of it; undefined while it is under way. */
  readonly result: PaymentResult | undefined
  /** Why it was not paid at all: usually, nobody has said whom to pay. */
  readonly trouble: string | undefined
  readonly endedAtMs: number | undefined
}

export interface PaymentBookDeps {
  /** The head of the chain. */
  readonly service: Pick<Service<IncomingRequest<ConnectorAccount>>, 'call'>
  readonly spsp: SpspClient
  readonly accounts: Pick<AccountStore<ConnectorAccount>, 'get'>
  readonly adjustments: AdjustmentStore
  readonly events: Pick<Events, 'payment'>
  readonly logger: Logger
  /** 32 octets of this node's own, under which requests are told from others. */
  readonly secret: Uint8Array
}

/** The payments that this process makes for local accounts. Its `stop` cancels those under way. */
export interface PaymentBook extends Disposable {
  /**
   * Begins a payment, once for each key of an account, over all processes and restarts: a repeat gives the payment that
   * there is.
   * @throws Problem 409 where another process, or an earlier run, has begun it; 422 for a key that was for another one;
   *   429 while too many are under way
   */
  readonly begin: (account: ConnectorAccount, order: PaymentOrder, key: string) => Promise<PaymentRecord>
  /** Those of the account that are remembered, the latest first. */
  readonly list: (account: AccountId) => readonly PaymentRecord[]
  /** Sends no more of it; what is in flight is waited for. */
  readonly cancel: (payment: PaymentRecord) => void
}

export const PAYMENTS_UNDER_WAY_MAX = 100
/** Payments that are over and remembered. */
const PAYMENTS_KEPT_MAX = 1_000

interface Entry extends PaymentRecord {
  readonly key: string
  readonly fingerprint: string
  readonly cancelling: AbortController
  progress: PaymentRecord['progress']
  quote: Quote | undefined
  result: PaymentResult | undefined
  trouble: string | undefined
  endedAtMs: number | undefined
}

export function createPaymentBook(deps: PaymentBookDeps): PaymentBook {
  const { accounts, adjustments, events, logger, secret, service, spsp } = deps
  const turns = createTurns()
  /** By the keyed hash of account and key, the oldest first. */
  const entries = new Map<string, Entry>()
  const underWay = new Map<Entry, Promise<void>>()
  const hash = (purpose: string, text: string) =>
    createHmac('sha256', secret).update(`${purpose} ${text}`).digest('hex')

  /** Whoever posts the claim of a key first makes the payment: no other ever has the same reason. */
  const claim = async ({ id, asset }: ConnectorAccount, entry: Entry): Promise<void> => {
    const key = `payment:${entry.key}`
    const reason = `payment ${entry.id} ${entry.fingerprint}`
    const outcome = await adjustments.adjust({ key, account: { id, asset }, amount: 0n, reason })
    if (outcome === 'posted') return
    const known = (await adjustments.read(id)).find(posted => posted.key === key)
    if (known && !known.reason.endsWith(entry.fingerprint)) throw keyReused()
    throw new Problem(409, 'another process, or an earlier run, has begun this payment: see what it has sent')
  }

  const run = async (entry: Entry): Promise<void> => {
    const { account, order, cancelling } = entry
    const { pointer, sharedSecret: given, ...terms } = order
    const { signal } = cancelling
    const from = accounts.get(account)
    if (!from) throw new Problem(409, 'the account is gone')
    // Limits may change meanwhile, and the account be disabled.
    const call: typeof service.call = request =>
      service.call({ ...request, from: accounts.get(account) ?? { ...from, isDisabled: true } })
    const { destinationAddress, sharedSecret } =
      given === undefined
        ? await spsp.query(pointer, { signal })
        : { destinationAddress: pointer, sharedSecret: Buffer.from(given, 'base64') }
    entry.result = await streamSender({ service: { call }, from }).pay({
      ...terms,
      destinationAddress,
      sharedSecret,
      signal,
      accept: quote => {
        entry.quote = quote
        return true
      },
      onProgress: progress => {
        entry.progress = progress
      },
    })
    entry.progress = { ...entry.result, inFlight: 0n }
  }

  const follow = async (entry: Entry): Promise<void> => {
    try {
      await run(entry)
    } catch (error) {
      const isExpected = error instanceof SpspError || error instanceof Problem
      if (!isExpected) logger.error({ err: error, account: entry.account }, 'a payment has failed')
      entry.trouble = isExpected ? error.message : 'an error of this node'
    } finally {
      entry.endedAtMs = Date.now()
      underWay.delete(entry)
      events.payment(entry)
      forget()
    }
  }

  const forget = (): void => {
    for (const [key, entry] of entries) {
      if (entries.size - underWay.size <= PAYMENTS_KEPT_MAX) return
      if (!underWay.has(entry)) entries.delete(key)
    }
  }

  const begin: PaymentBook['begin'] = (account, order, givenKey) => {
    const key = hash('payment key', `${account.id} ${givenKey}`)
    const fingerprint = hash('payment', serialised(order))
    return turns(key, async () => {
      const known = entries.get(key)
      if (known?.fingerprint === fingerprint) return known
      if (known) throw keyReused()
      if (underWay.size >= PAYMENTS_UNDER_WAY_MAX) throw new Problem(429, 'too many payments are under way')
      const entry: Entry = {
        id: randomUUID(),
        account: account.id,
        order,
        key,
        fingerprint,
        beganAtMs: Date.now(),
        cancelling: new AbortController(),
        progress: { sent: 0n, delivered: 0n, inFlight: 0n, reject: undefined },
        quote: undefined,
        result: undefined,
        trouble: undefined,
        endedAtMs: undefined,
      }
      await claim(account, entry)
      entries.set(key, entry)
      underWay.set(entry, follow(entry))
      events.payment(entry)
      return entry
    })
  }

  const cancel: PaymentBook['cancel'] = payment => {
    for (const entry of underWay.keys()) if (entry.id === payment.id) entry.cancelling.abort()
  }

  return {
    ...lifecycle({
      start: spsp.start,
      stop: async () => {
        for (const { cancelling } of underWay.keys()) cancelling.abort()
        await Promise.all(underWay.values())
        await spsp.stop()
      },
    }),
    begin,
    list: account => [...entries.values()].filter(entry => entry.account === account).toReversed(),
    cancel,
  }
}

const keyReused = () => new Problem(422, 'another payment has had this idempotency key')

const serialised = (order: PaymentOrder): string =>
  JSON.stringify(order, (_, value) => (typeof value === 'bigint' ? value.toString() : value))
