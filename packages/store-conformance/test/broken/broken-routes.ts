import { PlainAddress, PlainRoutes } from '../plain-store.js'
import type { Broken } from './broken.js'

export const brokenRoutes: readonly Broken[] = [
  {
    fault: 'keeps the first address',
    into: backend => {
      backend.address = new (class extends PlainAddress {
        override set(address: string) {
          return super.set(this.current ?? address)
        }
      })()
    },
    caughtBy: ['address: is what it was set to last'],
  },
  {
    fault: 'announces no address',
    into: backend => {
      backend.address = new (class extends PlainAddress {
        override announce() {}
      })()
    },
    caughtBy: ['address: is announced once it can be seen', 'address: is in force in another store'],
  },
  {
    fault: 'keeps several routes for a prefix',
    into: backend => {
      backend.routes = new (class extends PlainRoutes {
        override async put(route: Parameters<PlainRoutes['put']>[0]) {
          this.routes.set(`${route.prefix} ${route.account}`, route)
          this.announce(route)
        }
      })()
    },
    caughtBy: [
      'routes: are one for each prefix, the last one put',
      'routes: stay one for each prefix when many are put at once',
    ],
  },
  {
    fault: 'removes all routes below a prefix',
    into: backend => {
      backend.routes = new (class extends PlainRoutes {
        override async remove(prefix: string) {
          for (const route of this.all())
            if (route.prefix.startsWith(prefix)) await super.remove(route.prefix)
        }
      })()
    },
    caughtBy: ['routes: are removed by their prefix alone'],
  },
  {
    fault: 'announces routes that were not there',
    into: backend => {
      backend.routes = new (class extends PlainRoutes {
        override async remove(prefix: string) {
          this.routes.delete(prefix)
          this.announce({ prefix, account: undefined })
        }
      })()
    },
    caughtBy: ['routes: are announced once they can be seen'],
  },
]
