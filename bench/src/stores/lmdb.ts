import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Measurement } from '../measurement.js'
import { BARE_LMDB, bareLmdb } from './bare-lmdb.js'
import { throughConnector } from './through-connector.js'

export const lmdbConnector: Measurement = {
  name: 'lmdb-connector',
  what: 'BTP in, BTP out, the whole chain, LMDB store, durable, window 1,000',
  unit: 'packets a second',
  peer: BARE_LMDB,
  bar: { aimOurs: 30_000 },
  how: 'Both on the same disk; what is acknowledged has been flushed.',
  run: async pace => {
    const folder = await mkdtemp(join(tmpdir(), 'ilp-bench-'))
    const bare = bareLmdb(join(folder, 'bare'))
    try {
      return await throughConnector({ store: `lmdb:${join(folder, 'store')}`, bare }, pace)
    } finally {
      await bare.stop()
      await rm(folder, { recursive: true })
    }
  },
}
