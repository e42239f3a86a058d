import { IncomingTable, OutgoingTable, readUpdate, updateRequest } from '@ilp/ccp-packet'

const route = { prefix: 'test.alice.shop', path: ['test.alice'], auth: new Uint8Array(32), properties: [] }

/** One node's table, told to another in one update; returns the prefixes that the other has learned. */
export function tellRoutes(): string[] {
  const told = new OutgoingTable()
  const batch = told.take({
    routeFor: prefix => (prefix === route.prefix ? route : undefined),
    prefixes: () => [route.prefix],
    octetsMax: 30_000,
  })
  const update = { ...batch, holdDownMs: 45_000, speaker: 'test.alice' }
  const packet = updateRequest(update, new Date(Date.now() + 10_000))

  const learned = new IncomingTable({ routesMax: 100_000 })
  const changes = learned.apply(readUpdate(packet), ({ path }) => !path.includes('test.bob'))
  if (changes) told.acknowledged(batch)
  else told.failed(batch)
  return [...(changes?.keys() ?? [])]
}
