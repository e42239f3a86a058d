declare const brand: unique symbol

/** Names one account across all services and stores: opaque, URL-safe, never reused for another account. */
export type AccountId = string & { readonly [brand]: 'AccountId' }

/** A relationship with one peer. A service that reads more of it says so with a type of its own. */
export interface Account {
  readonly id: AccountId
}

/** What an account's amounts are counted in: units of 10^-scale of `code`. Never changes during its life. */
export interface Asset {
  /** Any UTF-8 text; by custom a currency code or a ticker. */
  readonly code: string
  /** 0..255 */
  readonly scale: number
}

/** Which side of the relationship this node is on, as RFC 15 and the routing rules need it. */
export type Relation = 'parent' | 'peer' | 'child' | 'local'

const URL_SAFE = /^[A-Za-z0-9_~-][A-Za-z0-9_.~-]{0,127}$/

/** Whether `text` can be an account id: 1 to 128 characters that stand in a URL path as they are, no leading dot. */
export const isAccountId = (text: string): text is AccountId => URL_SAFE.test(text)

/** @throws TypeError unless `isAccountId(text)` */
export function accountId(text: string): AccountId {
  if (!isAccountId(text)) throw new TypeError(`${JSON.stringify(text)} is not an account id`)
  return text
}
