import { locate, redisServerProgram } from './binaries.js'
import { type ServerProcess, startServer } from './server-process.js'

export interface RedisOptions {
  /** Whether it logs each write to a file, and so keeps it over a restart. True unless given. */
  readonly appendOnly?: boolean
  /** When the log is flushed to the disk. `always` unless given: what was acknowledged is kept. */
  readonly appendFsync?: 'always' | 'everysec' | 'no'
  /** Whether it can be a node of a cluster. False unless given. */
  readonly cluster?: boolean
  /**
   * Whether its data are kept in memory, where the system has a folder for that: they outlive a kill as they do on the
   * disk, and nobody waits for it. False unless given.
   */
  readonly inMemory?: boolean
  /** Further arguments, as in `['--maxmemory-policy', 'allkeys-lru']`. */
  readonly args?: readonly string[]
}

/**
 * Starts a Redis server of our own, also where REDIS_URL is set: one that may be killed, or has to be set up in some way.
 * @throws Error that says what to install
 */
export async function redisProcess({
  appendOnly = true,
  appendFsync = 'always',
  cluster = false,
  inMemory = false,
  args = [],
}: RedisOptions = {}): Promise<ServerProcess> {
  const program = await locate(redisServerProgram)
  const settings = {
    '--bind': '127.0.0.1',
    '--daemonize': 'no',
    '--save': '',
    '--appendonly': appendOnly ? 'yes' : 'no',
    '--appendfsync': appendFsync,
    '--cluster-enabled': cluster ? 'yes' : 'no',
  }
  return startServer({
    name: 'redis',
    url: port => `redis://127.0.0.1:${port}`,
    command: (port, folder) => [
      program,
      ...['--port', String(port), '--dir', folder],
      ...Object.entries(settings).flat(),
      ...args,
    ],
    readyLine: /Ready to accept connections/,
    busyLine: /Address already in use/,
    endSignal: 'SIGTERM',
    inMemory,
  })
}
