import type { HttpLinkStats } from '@ilp/http-client'
import type { AccountId } from '@ilp/service-core'
import type { OutgoingSettlement } from '@ilp/store-traits'
import type { ConnectorAccount } from '../account.js'
import type { Condition } from './alert-book.js'

const btpLink = (account: AccountId): string => `${account} btp`
const httpLink = (account: AccountId): string => `${account} http`

/** Whether a `link-down` is about a BTP link: else it is about one over HTTP, which is looked at in another way. */
export const isBtpLink = (subject: string): boolean => subject.endsWith(' btp')

/** Accounts whose peer is dialled, and has no session here. */
export function btpLinksDown(
  accounts: readonly ConnectorAccount[],
  links: readonly { readonly account: AccountId; readonly sessions: number }[],
): Map<string, Condition> {
  const up = new Set(links.filter(({ sessions }) => sessions > 0).map(({ account }) => account))
  const found = new Map<string, Condition>()
  for (const { id, username, btp, isDisabled } of accounts) {
    if (btp?.outgoingUrl === undefined || isDisabled || up.has(id)) continue
    found.set(btpLink(id), { account: username, message: 'the BTP link is down', details: { link: 'btp' } })
  }
  return found
}

/** Accounts to which nothing has got through over HTTP for so long, though it was tried at both ends of that time. */
export function httpLinksFailing(
  accounts: { readonly get: (id: AccountId) => ConnectorAccount | undefined },
  links: readonly HttpLinkStats[],
  afterMs: number,
): Map<string, Condition> {
  const found = new Map<string, Condition>()
  for (const { account: id, failingSinceMs, lastFailureAtMs, lastFailure = '' } of links) {
    const account = accounts.get(id)
    if (account?.http?.outgoingUrl === undefined || account.isDisabled) continue
    if (failingSinceMs === undefined || lastFailureAtMs === undefined) continue
    if (lastFailureAtMs - failingSinceMs < afterMs) continue
    const details = { link: 'http', reason: lastFailure }
    found.set(httpLink(id), {
      account: account.username,
      message: 'packets do not get through over HTTP',
      details,
    })
  }
  return found
}

/** Settlements that no engine has acknowledged for so long. */
export function settlementsStuck(
  accounts: { readonly get: (id: AccountId) => ConnectorAccount | undefined },
  outbox: readonly OutgoingSettlement[],
  afterMs: number,
  nowMs: number,
): Map<string, Condition> {
  const found = new Map<string, Condition>()
  for (const { account, amount, createdAtMs } of outbox) {
    if (nowMs - createdAtMs < afterMs) continue
    found.set(account.id, {
      account: accounts.get(account.id)?.username ?? account.id,
      message: 'a settlement waits for its engine: GET /settlement says why',
      details: { amount: amount.toString(), createdAtMs },
    })
  }
  return found
}
