import { createRedisStore } from '@ilp/store-redis'
import { createSecrets } from '@ilp/store-traits'
import { redisProcess } from '@ilp/test-servers'
import { startOurs } from '../btp-connectors.js'
import { alternate, type Measurement } from '../measurement.js'
import { BARE_REDIS, bareRedis } from './bare-redis.js'
import { IN_FLIGHT, storeAlone } from './store-alone.js'
import { throughConnector } from './through-connector.js'

const SETTINGS = 'A Redis server of its own with `appendonly yes` and `appendfsync everysec`'

const server = () => redisProcess({ appendFsync: 'everysec' })

export const redisAlone: Measurement = {
  name: 'redis-store',
  what: `Redis store alone, ${IN_FLIGHT.toLocaleString('en-US')} packets in flight`,
  unit: 'packets a second',
  peer: BARE_REDIS,
  bar: { atLeast: 1 },
  how: `${SETTINGS}, two accounts; a packet is one reserve and one commit.`,
  run: async pace => {
    await using redis = await server()
    const store = createRedisStore({ connection: redis.url, secrets: createSecrets(Buffer.alloc(32)) })
    const bare = bareRedis(redis.url)
    await store.start()
    try {
      return await storeAlone({ store, bare, accounts: 2 }, pace)
    } finally {
      await bare.stop()
      await store.stop()
    }
  },
}

export const redisConnector: Measurement = {
  name: 'redis-connector',
  what: 'BTP in, BTP out, the whole chain, Redis store, window 1,000',
  unit: 'packets a second',
  peer: BARE_REDIS,
  bar: { aimOurs: 45_000 },
  how: `${SETTINGS}, on the same two cores as the connector process and the process of sender and receiver.`,
  run: async pace => {
    await using redis = await server()
    const bare = bareRedis(redis.url)
    try {
      return await throughConnector({ store: redis.url, bare }, pace)
    } finally {
      await bare.stop()
    }
  },
}

export const redisLatency: Measurement = {
  name: 'redis-latency',
  what: 'BTP in, BTP out, Redis store, window 1: median latency',
  unit: 'ms',
  peer: 'the same on the memory store',
  bar: { atMostAbove: 0.4 },
  how: `${SETTINGS}; one Prepare after another, the process of sender and receiver polls instead of sleeping.`,
  run: async ({ rounds, roundMs, warmupMs }) => {
    await using redis = await server()
    const ours = await startOurs({ store: redis.url })
    const memory = await startOurs()
    const load = { window: 1, warmupMs, durationMs: roundMs, busyPoll: true }
    try {
      const results = await alternate(
        rounds,
        () => ours.load(load),
        () => memory.load(load),
      )
      return {
        ours: results.ours.map(({ latencyMs }) => latencyMs.p50),
        peer: results.peer.map(({ latencyMs }) => latencyMs.p50),
        remarks: [],
      }
    } finally {
      await ours.stop()
      await memory.stop()
    }
  },
}
