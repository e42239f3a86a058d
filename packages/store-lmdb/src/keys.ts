/**
 * What the folder holds, by the first octet of a row's key. A row's kind and its name, in UTF-8, are its key.
 *
 * Names are ids, prefixes and asset codes as they are: nothing is numbered.
 */
export const KIND = {
  /** An account, by id. */
  account: 'a',
  /** The money of an account, by id. */
  balance: 'b',
  /** Tokens of an account for one link, by the link's first letter and the id. */
  credentials: 'c',
  /** The latest exchange rates. No name. */
  rates: 'e',
  /** What a session holds of an account, by the session and the id. */
  hold: 'h',
  /** An adjustment, by its key. */
  adjustment: 'j',
  /** An incoming settlement, by its key. */
  key: 'k',
  /** What incoming settlements left over of an account, by id. */
  leftover: 'l',
  /** The node's own address. No name. */
  address: 'n',
  /** What is on its way to an account's settlement engine, by id. */
  settlement: 'o',
  /** A position, by scale and code. */
  position: 'p',
  /** The id of an account that was removed. */
  retired: 'r',
  /** A session of the ledger. */
  session: 's',
  /** A static route, by prefix. */
  route: 't',
  /** The version of all this. No name. */
  version: 'v',
} as const

export type Kind = (typeof KIND)[keyof typeof KIND]

/** LMDB's limit, with the pages that it has everywhere. The longest names that the books take make shorter keys. */
const KEY_BYTES_MAX = 1_978

/** @throws RangeError for a name that is too long for a key */
export function keyOf(kind: Kind, name = ''): Buffer {
  const key = Buffer.from(kind + name)
  if (key.length > KEY_BYTES_MAX) throw new RangeError(`a name of ${key.length - 1} octets is too long`)
  return key
}
