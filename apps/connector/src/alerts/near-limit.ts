import type { Balance } from '@ilp/store-traits'
import type { ConnectorAccount } from '../account.js'
import type { Condition } from './alert-book.js'

type Account = Pick<ConnectorAccount, 'username' | 'minBalance' | 'maxBalance'>

const PARTS = 1_000_000n
/** An alert ends when this part of what raised it is left. */
const CLEAR_PARTS = 950_000n

/** A fraction in millionths. */
export const partsOf = (fraction: number): bigint => BigInt(Math.round(fraction * Number(PARTS)))

/** Whether there is a limit that the account's balance can come near to: of credit that it has, or that it gives. */
export const hasLimit = ({ minBalance, maxBalance }: Account): boolean =>
  (minBalance !== undefined && minBalance < 0n) || (maxBalance !== undefined && maxBalance > 0n)

/**
 * The limits that the balance, with what packets hold, is near to, by `min` and `max`. One that is raised holds on until
 * the balance is some way off.
 */
export function nearLimits(
  { username: account, minBalance = 0n, maxBalance = 0n }: Account,
  { balance, heldOut, heldIn }: Balance,
  parts: bigint,
  isRaised: (limit: 'min' | 'max') => boolean,
): ReadonlyMap<'min' | 'max', Condition> {
  const found = new Map<'min' | 'max', Condition>()
  const isNear = (limit: 'min' | 'max', used: bigint, most: bigint): boolean => {
    const least = isRaised(limit) ? (parts * CLEAR_PARTS) / PARTS : parts
    return most > 0n && used * PARTS >= most * least
  }
  const details = { balance: balance.toString(), heldOut: heldOut.toString(), heldIn: heldIn.toString() }
  if (isNear('min', heldOut - balance, -minBalance)) {
    const message = 'the account has nearly used its credit: beyond it, packets from it get T04'
    found.set('min', { account, message, details: { ...details, minBalance: minBalance.toString() } })
  }
  if (isNear('max', balance + heldIn, maxBalance)) {
    const message = 'the node nearly owes the account as much as it may: beyond it, packets to it get T04'
    found.set('max', { account, message, details: { ...details, maxBalance: maxBalance.toString() } })
  }
  return found
}
