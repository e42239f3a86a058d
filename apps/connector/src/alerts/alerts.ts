import type { HttpLinkStats } from '@ilp/http-client'
import { type AccountId, type Lifecycle, type Logger, lifecycle } from '@ilp/service-core'
import type { Settler } from '@ilp/settlement'
import type { Ledger, Store } from '@ilp/store-traits'
import { createWebhooks, type ReceiverStats } from '@ilp/webhooks'
import type { ConnectorAccount } from '../account.js'
import type { Config } from '../config/schema.js'
import { type Alert, AlertBook, type AlertChange, type Condition } from './alert-book.js'
import { BalanceRounds } from './balance-rounds.js'
import { btpLinksDown, httpLinksFailing, isBtpLink, settlementsStuck } from './looks.js'
import { partsOf } from './near-limit.js'

export interface AlertsDeps {
  readonly store: Pick<Store<ConnectorAccount>, 'accounts' | 'ledger' | 'settlements'>
  readonly ledger: Pick<Ledger, 'stats'>
  readonly settler: Pick<Settler, 'stats'>
  readonly links: () => readonly { readonly account: AccountId; readonly sessions: number }[]
  readonly httpLinks: () => readonly HttpLinkStats[]
  /** The transfers that wait for a reconciliation. */
  readonly reconciliation: { readonly size: () => number }
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly changed: (change: AlertChange) => void
  readonly logger: Logger
}

export interface Alerts extends Partial<Lifecycle> {
  /** Those that hold, the oldest first. */
  readonly list: () => readonly Alert[]
  /** One for each webhook. */
  readonly webhooks: () => readonly ReceiverStats[]
}

const TICK_MS = 1_000
/** How often the outbox is read, at the most. */
const OUTBOX_INTERVAL_MS = 10_000
const STOP_TIMEOUT_MS = 500

/**
 * Looks at the node once a second, and tells of what is not as it should be: in the log, to those who listen to events,
 * and to webhooks. Packets have no part in it. Where nobody would hear of it, nothing is looked at.
 */
export function createAlerts({ adminListen, alerts, webhooks }: Config, deps: AlertsDeps): Alerts {
  if (!adminListen && webhooks.length === 0) return { list: () => [], webhooks: () => [] }
  const { logger, address } = deps
  const hooks = createWebhooks({ targets: webhooks, logger }, { stopTimeoutMs: STOP_TIMEOUT_MS })
  const book = new AlertBook(change => {
    const { state, alert } = change
    const { id, kind, message, ...fields } = alert
    // As a method: a logger may need itself, as pino's does.
    const level = state === 'raised' ? 'warn' : 'info'
    logger[level]({ alert: id, kind, ...fields }, `alert ${state}: ${message}`)
    deps.changed(change)
    hooks.tell({ type: kind, data: { state, node: address(), ...alert } })
  })
  const lookout = new Lookout(deps, book, alerts)
  return {
    ...lifecycle({
      start: async () => {
        await hooks.start()
        lookout.start()
      },
      stop: async () => {
        await lookout.stop()
        await hooks.stop()
      },
    }),
    list: () => book.alerts(),
    webhooks: hooks.stats,
  }
}

class Lookout {
  readonly #deps: AlertsDeps
  readonly #book: AlertBook
  readonly #terms: Config['alerts']
  readonly #rounds: BalanceRounds
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #outboxReadAtMs = Number.NEGATIVE_INFINITY

  constructor(deps: AlertsDeps, book: AlertBook, terms: Config['alerts']) {
    const { accounts, ledger } = deps.store
    this.#deps = deps
    this.#book = book
    this.#terms = terms
    this.#rounds = new BalanceRounds({
      accounts,
      readBalance: id => ledger.readBalance(id),
      book,
      parts: partsOf(terms.balanceFraction),
    })
  }

  start(): void {
    this.#timer = setInterval(() => {
      // A store that hangs holds up what is read of it, and nothing else.
      this.#look()
      this.#looking ??= this.#read().finally(() => {
        this.#looking = undefined
      })
    }, TICK_MS)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  #look(): void {
    const { store, ledger, links, httpLinks, reconciliation } = this.#deps
    const { linkDownMs, storeDownMs } = this.#terms
    const { accounts } = store
    const book = this.#book
    book.take({
      kind: 'link-down',
      found: btpLinksDown(accounts.all(), links()),
      looked: isBtpLink,
      holdMs: linkDownMs,
    })
    book.take({
      kind: 'link-down',
      found: httpLinksFailing(accounts, httpLinks(), linkDownMs),
      looked: subject => !isBtpLink(subject),
      holdMs: 0,
    })
    const down = { message: 'the store is out of reach' }
    const isDown = !ledger.stats().isUp
    book.take({ kind: 'store-out-of-reach', found: only(isDown, down), holdMs: storeDownMs })
    const entries = reconciliation.size()
    const message = 'transfers are to be reconciled by hand: GET /reconciliation lists them'
    const found = only(entries > 0, { message, details: { entries } })
    book.take({ kind: 'reconciliation-needed', found, holdMs: 0 })
  }

  /** What the store has to be asked for. What it doesn't tell now, it tells the next time. */
  async #read(): Promise<void> {
    await this.#rounds.step()
    await this.#readOutbox().catch(() => {})
  }

  async #readOutbox(): Promise<void> {
    const { settlementStuckMs } = this.#terms
    const { store, settler } = this.#deps
    const nowMs = performance.now()
    if (nowMs - this.#outboxReadAtMs < Math.min(OUTBOX_INTERVAL_MS, settlementStuckMs)) return
    this.#outboxReadAtMs = nowMs
    const outbox = settler.stats().outbox === 0 ? [] : await store.settlements.readOutbox()
    const found = settlementsStuck(store.accounts, outbox, settlementStuckMs, Date.now())
    this.#book.take({ kind: 'settlement-stuck', found, holdMs: 0 })
  }
}

const only = (isOn: boolean, condition: Condition): ReadonlyMap<string, Condition> =>
  new Map(isOn ? [['', condition]] : [])
