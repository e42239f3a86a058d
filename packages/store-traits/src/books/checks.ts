import type { Adjustment } from '../adjustments.js'
import type { LedgerAccount, Operation } from '../ledger/ledger-store.js'
import type { RateLimitTerms } from '../rate-limits.js'
import type { IncomingSettlement, SettlementTerms } from '../settlements/settlement-store.js'

/** What the caller must not do. Each of these throws before anything has changed. */

const AMOUNT_MAX = 2n ** 64n - 1n
const QUANTITY_MAX = 10n ** 100n - 1n
const SCALE_MAX = 255

/** The longest id, or code of an asset, in UTF-16 units. */
export const NAME_MAX = 512

const KEY_MAX = 255
const REASON_MAX = 1_000

export function checkOperation({ kind, transfer: { from, incomingAmount, to, amount } }: Operation): void {
  if (kind !== 'reserve' && kind !== 'commit' && kind !== 'release') {
    throw new TypeError(`${kind} is no kind of operation`)
  }
  checkAmount(incomingAmount)
  checkAmount(amount)
  checkAccount(from)
  checkAccount(to)
}

export function checkTerms({ threshold, settleTo }: SettlementTerms): void {
  checkBigint(threshold)
  checkBigint(settleTo)
}

export function checkSettlement({ key, account, quantity: { amount, scale } }: IncomingSettlement): void {
  checkText('key', key, 1, KEY_MAX)
  checkAccount(account)
  checkBigint(amount)
  if (amount < 0n || amount > QUANTITY_MAX) throw new RangeError('a quantity has 1 to 100 digits')
  if (!isScale(scale)) throw new RangeError(`${scale} is no scale`)
}

export function checkAdjustment({ key, account, amount, reason }: Adjustment): void {
  checkText('key', key, 1, KEY_MAX)
  checkAccount(account)
  checkBigint(amount)
  checkText('reason', reason, 0, REASON_MAX)
}

export function checkTokens(bucket: string, { perMinute, capacity }: RateLimitTerms, tokens: bigint): void {
  checkText('bucket', bucket, 1, KEY_MAX)
  for (const number of [perMinute, capacity, tokens]) checkBigint(number)
  if (perMinute < 0n || capacity < 0n)
    throw new RangeError('a bucket fills by 0 or more, and holds 0 or more')
  if (tokens <= 0n) throw new RangeError(`${tokens} are no tokens`)
}

export function checkAccount({ id, asset }: LedgerAccount): void {
  if (typeof id !== 'string' || typeof asset.code !== 'string' || !isScale(asset.scale)) {
    throw new TypeError('an account has an id and an asset')
  }
  if (id.length > NAME_MAX || asset.code.length > NAME_MAX) {
    throw new RangeError(`an account's id and its asset's code have at most ${NAME_MAX} characters`)
  }
}

/** An amount of a packet. */
export function checkAmount(amount: bigint): void {
  checkBigint(amount)
  if (amount < 0n || amount > AMOUNT_MAX) throw new RangeError(`${amount} is no amount`)
}

export function checkLimit(limit: bigint | undefined): void {
  if (limit !== undefined) checkBigint(limit)
}

function checkBigint(amount: bigint): void {
  if (typeof amount !== 'bigint') throw new TypeError('an amount is a bigint')
}

/** Half a surrogate pair is no character, and UTF-8 can't tell one such half from another. */
function checkText(name: string, text: string, min: number, max: number): void {
  if (typeof text !== 'string') throw new TypeError(`a ${name} is a string`)
  const isShort = text.length <= max || (text.length <= 2 * max && [...text].length <= max)
  if (text.length < min || !isShort) throw new RangeError(`a ${name} has ${min} to ${max} characters`)
  if (/\p{Surrogate}/u.test(text)) throw new RangeError(`a ${name} is whole characters`)
}

const isScale = (scale: number): boolean => Number.isInteger(scale) && scale >= 0 && scale <= SCALE_MAX
