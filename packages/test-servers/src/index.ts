/**
 * Throw-away Redis and Postgres servers for tests, which can be killed, paused and restarted, a TCP proxy that cuts
 * connections on command, and the program of a browser.
 *
 * @module
 */
export { chromiumProgram } from './chromium.js'
export { type PostgresOptions, postgresProcess } from './postgres-process.js'
export { type PostgresServer, postgresServer } from './postgres-server.js'
export { type RedisCluster, redisCluster } from './redis-cluster.js'
export { type RedisOptions, redisProcess } from './redis-process.js'
export { type RedisServer, redisServer } from './redis-server.js'
export type { ServerProcess } from './server-process.js'
export { type TcpProxy, tcpProxy } from './tcp-proxy.js'
