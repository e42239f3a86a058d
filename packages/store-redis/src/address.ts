import { type AddressStore, Feed } from '@ilp/store-traits'
import type { Backend } from './backend.js'
import type { Keys } from './keys.js'
import { SET_FIELD } from './lua/directory.js'
import type { Fields, Part } from './part.js'

const FIELD = 'address'

/** The node's address, as it is held in memory. */
export class Address implements Part {
  readonly hashes: readonly string[]
  readonly feed = new Feed<string>()
  current: string | undefined

  constructor({ node }: Keys) {
    this.hashes = [node]
  }

  load([node]: readonly Fields[]): () => void {
    const address = node?.get(FIELD)
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

export function redisAddress(backend: Backend, keys: Keys, address: Address): AddressStore {
  return {
    get: () => {
      backend.check()
      return address.current
    },
    set: async to => {
      await backend.change(SET_FIELD, [keys.node], [FIELD, to], ['address', to])
    },
    watch: backend.watch(address.feed),
  }
}
