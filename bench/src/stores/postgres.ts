import { createPostgresStore } from '@ilp/store-postgres'
import { createSecrets } from '@ilp/store-traits'
import { postgresProcess } from '@ilp/test-servers'
import type { Measurement } from '../measurement.js'
import { BARE_POSTGRES, barePostgres } from './bare-postgres.js'
import { IN_FLIGHT, storeAlone } from './store-alone.js'
import { throughConnector } from './through-connector.js'

const SETTINGS = 'A Postgres server of its own with `fsync` and `synchronous_commit` on'

const alone = (accounts: number): Measurement => ({
  name: `postgres-store-${accounts}`,
  what: `Postgres store alone, durable, ${IN_FLIGHT.toLocaleString('en-US')} packets in flight, ${accounts.toLocaleString('en-US')} accounts`,
  unit: 'packets a second',
  peer: BARE_POSTGRES,
  bar: { atLeast: 8 },
  how: `${SETTINGS}; a packet is one reserve and one commit, with the peer an update of one row each.`,
  run: async pace => {
    await using postgres = await postgresProcess()
    const secrets = createSecrets(Buffer.alloc(32))
    const store = createPostgresStore({ connection: postgres.url, secrets })
    const bare = await barePostgres(postgres.url, accounts)
    await store.start()
    try {
      return await storeAlone({ store, bare, accounts }, pace)
    } finally {
      await bare.stop()
      await store.stop()
    }
  },
})

export const postgresAlone = alone(2)
export const postgresAloneCold = alone(1_000)

export const postgresConnector: Measurement = {
  name: 'postgres-connector',
  what: 'BTP in, BTP out, the whole chain, Postgres store, durable, window 1,000',
  unit: 'packets a second',
  peer: BARE_POSTGRES,
  bar: { aimOurs: 40_000 },
  how: `${SETTINGS}, on the same two cores as the connector process and the process of sender and receiver.`,
  run: async pace => {
    await using postgres = await postgresProcess()
    const bare = await barePostgres(postgres.url, 2)
    try {
      return await throughConnector({ store: postgres.url, bare }, pace)
    } finally {
      await bare.stop()
    }
  },
}
