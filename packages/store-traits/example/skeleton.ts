import { type Disposable, lifecycle } from '@ilp/service-core'
import { type Store, StoreError } from '@ilp/store-traits'

/** Where this store keeps what it is told: anything that can be read and replaced, whole and durably. */
export interface Backend {
  readonly read: () => Promise<string | undefined>
  readonly replace: (text: string) => Promise<void>
}

/** A store with one trait. Its others would look the same. */
export function createSmallStore(backend: Backend): Disposable & Pick<Store, 'properties' | 'address'> {
  let isOpen = false
  let address: string | undefined
  const listeners = new Set<{ readonly tell: (address: string) => void }>()

  const check = () => {
    if (!isOpen) throw new StoreError('ERR_STORE_CLOSED', 'the store is not open')
  }
  /** Whatever the driver throws becomes a `StoreError`, with the driver's error as its cause. */
  const reach = async <T>(use: () => Promise<T>): Promise<T> => {
    try {
      return await use()
    } catch (cause) {
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'the backend did not answer', { cause })
    }
  }

  return {
    ...lifecycle({
      // What packets need is in memory from the start on: reads are synchronous, and never wait for the backend.
      start: async () => {
        address = await reach(backend.read)
        isOpen = true
      },
      stop: async () => {
        isOpen = false
        listeners.clear()
      },
    }),
    properties: () => ({ loses: undefined, shared: false }),
    address: {
      get: () => {
        check()
        return address
      },
      // A method that promises rejects; it never throws at once.
      set: async to => {
        check()
        await reach(() => backend.replace(to))
        // First the change can be seen, then it is announced, and a listener that throws is nobody else's trouble.
        address = to
        for (const { tell } of [...listeners]) {
          try {
            tell(to)
          } catch {
            // A logger would hear of it.
          }
        }
      },
      watch: listener => {
        const subscription = { tell: listener }
        listeners.add(subscription)
        return () => void listeners.delete(subscription)
      },
    },
  }
}
