import { lifecycle } from '@ilp/service-core'
import { StoreError } from '@ilp/store-traits'

/** What keeps the data when the store is closed. */
export interface SmallBackend {
  address: string | undefined
}

/** A store with nothing but the node's address. */
export function createSmallStore(backend: SmallBackend) {
  let isOpen = false
  const listeners = new Set<{ readonly tell: (address: string) => void }>()
  const check = () => {
    if (!isOpen) throw new StoreError('ERR_STORE_CLOSED', 'the store is not open')
  }
  return {
    ...lifecycle({
      start: async () => {
        isOpen = true
      },
      stop: async () => {
        isOpen = false
      },
    }),
    properties: () => ({ loses: 'everything', shared: false }),
    address: {
      get: () => {
        check()
        return backend.address
      },
      set: async (address: string) => {
        check()
        backend.address = address
        for (const { tell } of [...listeners]) {
          try {
            tell(address)
          } catch {
            // The others are told all the same.
          }
        }
      },
      watch: (tell: (address: string) => void) => {
        const subscription = { tell }
        listeners.add(subscription)
        return () => void listeners.delete(subscription)
      },
    },
  }
}
