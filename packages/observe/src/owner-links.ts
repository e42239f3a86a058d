import type { AccountId } from '@ilp/service-core'
import type { Metrics, Sample } from './metrics.js'

/** The BTP links of an account: `stats` of `btp-pool`. */
export interface LinkFigures {
  readonly account: AccountId
  readonly sessions: number
  readonly pending: number
  readonly unsentBytes: number
}

/** The way to an account over HTTP: `stats` of `http-client`. */
export interface HttpLinkFigures {
  readonly account: AccountId
  readonly inFlight: number
  readonly lastSuccessAtMs: number | undefined
  readonly lastFailureAtMs: number | undefined
  readonly failingSinceMs: number | undefined
}

/** Links that are shown, at most: of BTP, and of HTTP. */
export const LINKS_SHOWN_MAX = 500

/** Adds BTP links, with accounts that have none and want one: these first, since theirs are worth an alert. */
export function exposeLinks(
  { add }: Pick<Metrics, 'add'>,
  links: () => readonly LinkFigures[],
  wanted: () => Iterable<AccountId>,
): void {
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

/** Adds the accounts that packets were posted to, those that fail first. */
export function exposeHttpLinks(
  { add }: Pick<Metrics, 'add'>,
  links: () => readonly HttpLinkFigures[],
): void {
  const shown = () =>
    links()
      .toSorted((one, other) => failingMs(other) - failingMs(one))
      .slice(0, LINKS_SHOWN_MAX)
  const family = (name: string, help: string, figure: (link: HttpLinkFigures) => number | undefined) =>
    add({
      name,
      help,
      type: 'gauge',
      read: () =>
        shown().flatMap((link): Sample[] => {
          const value = figure(link)
          return value === undefined ? [] : [{ labels: { account: link.account }, value }]
        }),
    })
  family(
    'ilp_http_link_requests_pending',
    'Packets posted to the peer that are under way.',
    ({ inFlight }) => inFlight,
  )
  family(
    'ilp_http_link_failing_seconds',
    'From the first failure since the last success to the latest failure; 0 behind a success.',
    link => failingMs(link) / 1_000,
  )
  family(
    'ilp_http_link_last_success_seconds',
    'When the peer last took a packet, in seconds since 1970; absent where it never has.',
    ({ lastSuccessAtMs }) => lastSuccessAtMs && lastSuccessAtMs / 1_000,
  )
}

const failingMs = ({ failingSinceMs, lastFailureAtMs = 0 }: HttpLinkFigures): number =>
  failingSinceMs === undefined ? 0 : lastFailureAtMs - failingSinceMs
