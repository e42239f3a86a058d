import { type AddressStore, Feed } from '@ilp/store-traits'
import type { Disk } from './disk.js'
import type { Handle } from './handle.js'
import { KIND, keyOf } from './keys.js'

/** The node's address in memory. On the disk it is UTF-8. */
export class Address {
  current: string | undefined
  readonly feed = new Feed<string>()

  load(disk: Disk): void {
    for (const [, value] of disk.read(KIND.address)) this.current = value.toString()
  }
}

const encode = (address: string | undefined): Buffer | undefined =>
  address === undefined ? undefined : Buffer.from(address)

export function lmdbAddress(handle: Handle, address: Address): AddressStore {
  return {
    get: () => {
      handle.check()
      return address.current
    },
    set: to =>
      handle.change(async flusher => {
        const change = { key: keyOf(KIND.address), value: encode(to), former: encode(address.current) }
        await flusher.write([change])
        address.current = to
        address.feed.announce(to)
      }),
    watch: handle.watch(address.feed),
  }
}
