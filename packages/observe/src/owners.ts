import type { AccountId } from '@ilp/service-core'
import type { LedgerStats } from '@ilp/store-traits'
import type { Family, Metrics, Sample } from './metrics.js'
import { exposeHttpLinks, exposeLinks, type HttpLinkFigures, type LinkFigures } from './owner-links.js'

/** What owners of links, holds and settlements say of themselves. Each may be left out, and is asked at each scrape. */
export interface Owners {
  /** Links with sessions: `stats` of `btp-pool`. */
  readonly links?: () => readonly LinkFigures[]
  /** Accounts that are to have a link: without a session they are shown with none. */
  readonly linksWanted?: () => Iterable<AccountId>
  /** Accounts that packets were posted to: `stats` of `http-client`. */
  readonly httpLinks?: () => readonly HttpLinkFigures[]
  /** `stats` of `in-flight`. */
  readonly window?: () => { readonly packets: number; readonly accounts: number; readonly refused: number }
  /** `stats` of `validator`'s outgoing side. */
  readonly answers?: () => {
    readonly timedOut: number
    readonly lateFulfills: number
    readonly wrongFulfillments: number
  }
  /** `stats` of the ledger. */
  readonly ledger?: () => LedgerStats
  /** `stats` of the settler. */
  readonly settlements?: () => {
    readonly outbox: number
    readonly orphans: number
    readonly engines: readonly { readonly url: string; readonly isUp: boolean | undefined }[]
  }
  /** `size` of the routing table. */
  readonly routes?: () => number
  /** Transfers that wait for somebody to reconcile them. */
  readonly toReconcile?: () => number
  /** The alerts that hold. */
  readonly alerts?: () => readonly { readonly kind: string }[]
  /** `stats` of `webhooks`. */
  readonly webhooks?: () => readonly WebhookFigures[]
  /** Spans by what became of them. */
  readonly traces?: () => TraceFigures
  /** Whether packets can be taken. */
  readonly ready?: () => Promise<boolean>
}

interface WebhookFigures {
  readonly origin: string
  readonly waiting: number
  readonly delivered: number
  readonly failed: number
  readonly dropped: number
}

interface TraceFigures {
  readonly exported: number
  readonly failed: number
  readonly dropped: number
  readonly waiting: number
}

type Add = Pick<Metrics, 'add'>

const single = (name: string, help: string, type: Family['type'], value: () => number): Family => ({
  name,
  help,
  type,
  read: () => [{ value: value() }],
})

/** Adds what the owners say of themselves. */
export function exposeOwners({ add }: Add, owners: Owners): void {
  const { links, linksWanted = () => [], httpLinks, ready, routes, toReconcile } = owners
  if (links) exposeLinks({ add }, links, linksWanted)
  if (httpLinks) exposeHttpLinks({ add }, httpLinks)
  if (owners.window) exposeWindow({ add }, owners.window)
  if (owners.answers) exposeAnswers({ add }, owners.answers)
  if (owners.ledger) exposeLedger({ add }, owners.ledger)
  if (owners.settlements) exposeSettlements({ add }, owners.settlements)
  if (routes) add(single('ilp_routes', 'Routes in the table.', 'gauge', routes))
  if (toReconcile) {
    add(
      single(
        'ilp_reconciliation_entries',
        'Transfers that wait to be reconciled by hand.',
        'gauge',
        toReconcile,
      ),
    )
  }
  if (owners.alerts) exposeAlerts({ add }, owners.alerts)
  if (owners.webhooks) exposeWebhooks({ add }, owners.webhooks)
  if (owners.traces) exposeTraces({ add }, owners.traces)
  if (ready) {
    add({
      name: 'ilp_ready',
      help: 'Whether packets can be taken.',
      type: 'gauge',
      read: async () => [{ value: Number(await ready()) }],
    })
  }
}

function exposeWindow({ add }: Add, window: NonNullable<Owners['window']>): void {
  const help = 'Packets in the window of packets in flight.'
  add(single('ilp_window_packets', help, 'gauge', () => window().packets))
  add(single('ilp_window_accounts', 'Accounts with packets in the window.', 'gauge', () => window().accounts))
  const refused = 'Packets refused because their account had too much in flight, or the node was stopping.'
  add(single('ilp_window_refused_total', refused, 'counter', () => window().refused))
}

function exposeAnswers({ add }: Add, answers: NonNullable<Owners['answers']>): void {
  const missing = 'Packets without an answer at their deadline.'
  add(single('ilp_answers_missing_total', missing, 'counter', () => answers().timedOut))
  const late =
    'Valid Fulfills dropped because they came after the deadline: to be reconciled with the next hop.'
  add(single('ilp_fulfills_late_total', late, 'counter', () => answers().lateFulfills))
  const wrong = 'Fulfills that did not fit their condition.'
  add(single('ilp_fulfills_wrong_total', wrong, 'counter', () => answers().wrongFulfillments))
}

function exposeLedger({ add }: Add, ledger: NonNullable<Owners['ledger']>): void {
  const figures: [name: string, help: string, value: (stats: LedgerStats) => number][] = [
    ['up', 'Whether the store answered last.', ({ isUp }) => Number(isUp)],
    [
      'sessions',
      'Sessions in the store: one, and ended ones with transfers open.',
      ({ sessions }) => sessions,
    ],
    ['transfers_open', 'Transfers reserved, or being reserved.', ({ open }) => open],
    ['operations_waiting', 'Operations that the store has not answered.', ({ waiting }) => waiting],
    [
      'commits_journaled_total',
      'Commits that the journal took in place of the store.',
      ({ journaled }) => journaled,
    ],
    [
      'commits_unbooked_total',
      'Commits that neither took: to be reconciled by hand.',
      ({ unbooked }) => unbooked,
    ],
    ['commits_recovered_total', 'Those that one took after all.', ({ recovered }) => recovered],
    [
      'commits_late_total',
      'Commits posted though their hold was gone, perhaps across a limit.',
      ({ postedLate }) => postedLate,
    ],
  ]
  for (const [name, help, value] of figures) {
    const type = name.endsWith('_total') ? 'counter' : 'gauge'
    add(single(`ilp_ledger_${name}`, help, type, () => value(ledger())))
  }
}

function exposeSettlements({ add }: Add, settlements: NonNullable<Owners['settlements']>): void {
  const waiting = 'Settlements that no engine has acknowledged, as far as this process knows.'
  add(single('ilp_settlements_waiting', waiting, 'gauge', () => settlements().outbox))
  const orphaned = 'Those of them whose account is gone or has no engine.'
  add(single('ilp_settlements_orphaned', orphaned, 'gauge', () => settlements().orphans))
  add({
    name: 'ilp_settlement_engine_up',
    help: 'Whether the engine could be reached the last time; absent before the first.',
    type: 'gauge',
    read: () => engineSamples(settlements().engines),
  })
}

function exposeAlerts({ add }: Add, alerts: NonNullable<Owners['alerts']>): void {
  add({
    name: 'ilp_alerts',
    help: 'Alerts that this process has raised and not cleared, by kind.',
    type: 'gauge',
    read: () => {
      const counts = new Map<string, number>()
      for (const { kind } of alerts()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
      return Array.from(counts, ([kind, value]) => ({ labels: { kind }, value }))
    },
  })
}

function exposeWebhooks({ add }: Add, webhooks: NonNullable<Owners['webhooks']>): void {
  const samples = (figures: (webhook: WebhookFigures) => Iterable<[outcome: string, value: number]>) => {
    const sums = new Map<string, Sample>()
    for (const webhook of webhooks()) {
      const { origin } = webhook
      for (const [outcome, value] of figures(webhook)) {
        // Those of one origin count together.
        const key = `${origin} ${outcome}`
        const labels = outcome === '' ? { origin } : { origin, outcome }
        sums.set(key, { labels, value: (sums.get(key)?.value ?? 0) + value })
      }
    }
    return sums.values()
  }
  add({
    name: 'ilp_webhook_events_total',
    help: 'Events by what became of them: delivered, failed however often it was tried, or dropped.',
    type: 'counter',
    read: () => samples(({ delivered, failed, dropped }) => Object.entries({ delivered, failed, dropped })),
  })
  add({
    name: 'ilp_webhook_events_waiting',
    help: 'Events that the receiver has yet to take.',
    type: 'gauge',
    read: () => samples(({ waiting }) => [['', waiting]]),
  })
}

function exposeTraces({ add }: Add, traces: NonNullable<Owners['traces']>): void {
  add({
    name: 'ilp_trace_spans_total',
    help: 'Spans by what became of them: exported, failed since the collector did not take them, or dropped.',
    type: 'counter',
    read: () => {
      const { exported, failed, dropped } = traces()
      return Object.entries({ exported, failed, dropped }).map(([outcome, value]) => ({
        labels: { outcome },
        value,
      }))
    },
  })
  add(single('ilp_trace_spans_waiting', 'Spans that are to be exported.', 'gauge', () => traces().waiting))
}

/** By the engine's URL without what may be secret in it. Engines that look alike then count as one: up if all are. */
function engineSamples(engines: ReturnType<NonNullable<Owners['settlements']>>['engines']): Sample[] {
  const up = new Map<string, boolean>()
  for (const { url, isUp } of engines) {
    const engine = shownUrl(url)
    if (isUp !== undefined) up.set(engine, isUp && (up.get(engine) ?? true))
  }
  return Array.from(up, ([engine, isUp]) => ({ labels: { engine }, value: Number(isUp) }))
}

function shownUrl(text: string): string {
  if (!URL.canParse(text)) return 'unreadable'
  const { protocol, host, pathname } = new URL(text)
  return `${protocol}//${host}${pathname}`
}
