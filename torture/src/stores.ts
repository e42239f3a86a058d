import { join } from 'node:path'
import { postgresProcess, redisProcess, type ServerProcess, type TcpProxy, tcpProxy } from '@ilp/test-servers'

/** The server that a node's money is in. */
export interface StoreServer {
  readonly process: ServerProcess
  /** What its clients connect through. */
  readonly proxy: TcpProxy
}

/** The store of one node. */
export interface NodeStore {
  /** What the configuration says for `store`. */
  readonly setting: string
  /** Undefined where the store is in the connector's own process. */
  readonly server: StoreServer | undefined
  readonly stop: () => Promise<void>
}

export interface StoreKind {
  readonly name: string
  readonly title: string
  /** How many processes share the store at each node of the row. */
  readonly processes: readonly number[]
  /** @param folder the node's own */
  readonly open: (folder: string) => Promise<NodeStore>
}

async function behindProxy(starting: Promise<ServerProcess>): Promise<NodeStore> {
  const process = await starting
  const proxy = await tcpProxy(process.url)
  return {
    setting: proxy.url,
    server: { process, proxy },
    stop: async () => {
      await proxy.stop()
      await process.stop()
    },
  }
}

export const STORES: readonly StoreKind[] = [
  {
    name: 'lmdb',
    title: 'LMDB',
    processes: [1, 1, 1],
    open: async folder => ({
      setting: `lmdb:${join(folder, 'data')}`,
      server: undefined,
      stop: async () => {},
    }),
  },
  {
    name: 'redis',
    title: 'Redis, appendfsync always',
    processes: [1, 2],
    open: () => behindProxy(redisProcess({ appendFsync: 'always' })),
  },
  {
    name: 'postgres',
    title: 'Postgres, fsync and synchronous_commit on',
    processes: [1, 2],
    open: () => behindProxy(postgresProcess()),
  },
]
