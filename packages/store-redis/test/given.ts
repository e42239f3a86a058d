import { type Logger, silentLogger } from '@ilp/service-core'
import { Stores } from '@ilp/store-processes'
import { createSecrets } from '@ilp/store-traits'
import { type Connection, createRedisStore, type RedisStoreOptions } from '../src/index.js'

export const secrets = createSecrets(new Uint8Array(32).fill(7))

export const redisStores = () =>
  new Stores(
    (connection: Connection, options: Partial<RedisStoreOptions> = {}, logger: Logger = silentLogger) =>
      createRedisStore({ connection, secrets, logger }, options),
  )
