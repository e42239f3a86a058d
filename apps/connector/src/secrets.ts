import { hkdfSync } from 'node:crypto'

/** A key of 32 octets for one purpose, out of the node's secret. */
export const deriveKey = (secretSeed: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', Buffer.from(secretSeed, 'hex'), '', `ilp connector ${purpose}`, 32))
