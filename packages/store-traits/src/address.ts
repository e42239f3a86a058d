import type { Watch } from './watch.js'

/** This node's own ILP address: configured, or learned from the parent (RFC 31). */
export interface AddressStore {
  /** Undefined until it is known. */
  readonly get: () => string | undefined
  readonly set: (address: string) => Promise<void>
  readonly watch: Watch<string>
}
