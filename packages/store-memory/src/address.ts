import { type AddressStore, Feed } from '@ilp/store-traits'
import type { Handle } from './handle.js'

/** What a backend keeps of the node's address. */
export class Address {
  current: string | undefined
  readonly feed = new Feed<string>()
}

export function memoryAddress(handle: Handle, address: Address): AddressStore {
  return {
    get: () => {
      handle.check()
      return address.current
    },
    set: async to => {
      handle.check()
      address.current = to
      address.feed.announce(to)
    },
    watch: handle.watch(address.feed),
  }
}
