import type { LedgerAccount } from '@ilp/store-traits'

const KEY_CHARACTERS_MAX = 255

/** @throws TypeError */
export function checkAccount({ id, asset }: LedgerAccount): void {
  if (typeof id !== 'string' || typeof asset.code !== 'string' || !Number.isSafeInteger(asset.scale)) {
    throw new TypeError('an account has an id and an asset')
  }
}

/** @throws TypeError */
export function checkAmount(amount: bigint): void {
  if (typeof amount !== 'bigint') throw new TypeError('an amount is a bigint')
}

/** @throws RangeError */
export function checkKey(key: string): void {
  if (key.length === 0 || key.length > KEY_CHARACTERS_MAX)
    throw new RangeError('a key has 1 to 255 characters')
}
