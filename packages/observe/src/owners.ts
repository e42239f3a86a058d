import type { AccountId } from '@ilp/service-core'
import type { Metrics, Sample } from './metrics.js'

/** What owners of links, holds and settlements say of themselves. Each may be left out, and is asked at each scrape. */
export interface Owners {
  /** Links with sessions: `stats` of `btp-pool`. */
  readonly links?: () => readonly {
    readonly account: AccountId
    readonly sessions: number
    readonly pending: number
    readonly unsentBytes: number
  }[]
  /** Accounts that are to have a link: without a session they are shown with none. */
  readonly linksWanted?: () => Iterable<AccountId>
  /** `stats` of `in-flight`. */
  readonly window?: () => { readonly packets: number; readonly accounts: number; readonly refused: number }
  /** `stats` of `validator`'s outgoing side. */
  readonly answers?: () => {
    readonly timedOut: number
    readonly lateFulfills: number
    readonly wrongFulfillments: number
  }
  /** `open` of the ledger: transfers that are reserved, or being reserved. */
  readonly transfersOpen?: () => number
  /** `stats` of the settler. */
  readonly settlements?: () => {
    readonly outbox: number
    readonly orphans: number
    readonly engines: readonly { readonly url: string; readonly isUp: boolean | undefined }[]
  }
  /** `size` of the routing table. */
  readonly routes?: () => number
  /** Whether packets can be taken. */
  readonly ready?: () => Promise<boolean>
}

/** Links that are shown, at most. */
export const LINKS_SHOWN_MAX = 500

/** Adds what the owners say of themselves. */
export function exposeOwners({ add }: Pick<Metrics, 'add'>, owners: Owners): void {
  const { links, window, answers, transfersOpen, settlements, routes, ready } = owners
  const single = (name: string, help: string, type: 'counter' | 'gauge', value: () => number) =>
    add({ name, help, type, read: () => [{ value: value() }] })

  if (links) exposeLinks({ add }, links, owners.linksWanted ?? (() => []))
  if (window) {
    single(
      'ilp_window_packets',
      'Packets in the window of packets in flight.',
      'gauge',
      () => window().packets,
    )
    single('ilp_window_accounts', 'Accounts with packets in the window.', 'gauge', () => window().accounts)
    single(
      'ilp_window_refused_total',
      'Packets refused because their account had too much in flight, or the node was stopping.',
      'counter',
      () => window().refused,
    )
  }
  if (answers) {
    single('ilp_answers_missing_total', 'Packets without an answer at their deadline.', 'counter', () => {
      return answers().timedOut
    })
    single(
      'ilp_fulfills_late_total',
      'Valid Fulfills dropped because they came after the deadline: to be reconciled with the next hop.',
      'counter',
      () => answers().lateFulfills,
    )
    single('ilp_fulfills_wrong_total', 'Fulfills that did not fit their condition.', 'counter', () => {
      return answers().wrongFulfillments
    })
  }
  if (transfersOpen) {
    single('ilp_ledger_transfers_open', 'Transfers reserved, or being reserved.', 'gauge', transfersOpen)
  }
  if (settlements) {
    single(
      'ilp_settlements_waiting',
      'Settlements that no engine has acknowledged, as far as this process knows.',
      'gauge',
      () => settlements().outbox,
    )
    single(
      'ilp_settlements_orphaned',
      'Those of them whose account is gone or has no engine.',
      'gauge',
      () => settlements().orphans,
    )
    add({
      name: 'ilp_settlement_engine_up',
      help: 'Whether the engine could be reached the last time; absent before the first.',
      type: 'gauge',
      read: () => engineSamples(settlements().engines),
    })
  }
  if (routes) single('ilp_routes', 'Routes in the table.', 'gauge', routes)
  if (ready) {
    add({
      name: 'ilp_ready',
      help: 'Whether packets can be taken.',
      type: 'gauge',
      read: async () => [{ value: Number(await ready()) }],
    })
  }
}

function exposeLinks(
  { add }: Pick<Metrics, 'add'>,
  links: NonNullable<Owners['links']>,
  wanted: NonNullable<Owners['linksWanted']>,
): void {
  /** At most LINKS_SHOWN_MAX accounts, those that should have a link first: theirs are worth an alert. */
  const shown = () => {
    const all = new Map(links().map(link => [link.account, link]))
    const accounts = new Set<AccountId>()
    for (const ids of [wanted(), all.keys()]) {
      for (const id of ids) {
        if (accounts.size >= LINKS_SHOWN_MAX) break
        accounts.add(id)
      }
    }
    return Array.from(accounts, account => ({
      labels: { account },
      link: all.get(account) ?? { sessions: 0, pending: 0, unsentBytes: 0 },
    }))
  }
  const family = (name: string, help: string, figure: 'sessions' | 'pending' | 'unsentBytes') =>
    add({
      name,
      help,
      type: 'gauge',
      read: () => shown().map(({ labels, link }) => ({ labels, value: link[figure] })),
    })
  family('ilp_link_sessions', 'Authenticated BTP sockets of the account; 0 where one is wanted.', 'sessions')
  family('ilp_link_requests_pending', 'BTP requests that the peer has not answered.', 'pending')
  family('ilp_link_unsent_bytes', 'Bytes that the peer has not taken off our hands.', 'unsentBytes')
  add({
    name: 'ilp_links',
    help: 'Accounts with BTP sockets, shown one by one or not.',
    type: 'gauge',
    read: () => [{ value: links().length }],
  })
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
