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
  /** What a session holds of an account, by the session and the id. */
  hold: 'h',
  /** The node's own address. No name. */
  address: 'n',
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

/** LMDB's limit, with the pages that it has everywhere. */
const KEY_BYTES_MAX = 1_978

/** The longest id or asset code, in UTF-16 units: with anything before it, it makes a key of three octets each. */
export const NAME_MAX = 512

/** @throws RangeError for a name that is too long for a key */
export function keyOf(kind: Kind, name = ''): Buffer {
  const key = Buffer.from(kind + name)
  if (key.length > KEY_BYTES_MAX) throw new RangeError(`a name of ${key.length - 1} octets is too long`)
  return key
}
