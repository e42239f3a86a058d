import type { AddressStore } from '../address.js'
import { Feed } from '../feed.js'
import type { Subscriptions } from '../subscriptions.js'
import type { MirrorBackend, Tables } from './backend.js'
import type { Copy } from './copy.js'
import type { Part } from './part.js'

const KEY = 'address'

/** The node's address, as it is held in memory. */
export class Address implements Part {
  readonly feed = new Feed<string>()
  current: string | undefined

  load({ node }: Tables): () => void {
    const address = node.get(KEY)
    const isNew = address !== undefined && address !== this.current
    this.current = address
    return () => {
      if (isNew) this.feed.announce(address)
    }
  }

  apply([address]: readonly unknown[]): void {
    this.current = address as string
    this.feed.announce(this.current)
  }
}

export function mirroredAddress(
  address: Address,
  copy: Copy,
  backend: MirrorBackend,
  subscriptions: Subscriptions,
): AddressStore {
  return {
    get: () => {
      copy.check()
      return address.current
    },
    set: async to => {
      await copy.change(['address', to], change => backend.setText('node', KEY, to, change))
    },
    watch: subscriptions.watch(address.feed),
  }
}
