import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { redisProcess } from './redis-process.js'
import type { ServerProcess } from './server-process.js'

/** A Redis Cluster of three masters, and a replica of the first one. */
export interface RedisCluster extends AsyncDisposable {
  /** The masters that it began with. */
  readonly masters: readonly ServerProcess[]
  /** Has what the first master has. */
  readonly replica: ServerProcess
  /** Resolves with the master that has the key's slot, as the others say it. */
  readonly ownerOf: (key: string) => Promise<ServerProcess>
  /** Moves the key's slot, with all that is in it, to another master, under the traffic that there is. */
  readonly move: (key: string, to: ServerProcess) => Promise<void>
  /** Makes the replica the master, once it has all that the former one has. */
  readonly failOver: () => Promise<void>
  readonly stop: () => Promise<void>
}

const SLOTS = 16_384
const MASTERS = 3
const NODE_TIMEOUT_MS = 3_000
const PAUSE_MS = 20
/** A replica gives a failover up after five seconds, when a vote came too late, and waits to be told again. */
const FAILOVER_MS = 6_000
const WAIT_MS_MAX = 30_000
const KEYS_AT_ONCE = 100

/** Asks one node, on a connection of its own. */
async function ask<T>({ url }: ServerProcess, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url)
  client.on('error', () => {})
  try {
    return await question(client)
  } finally {
    client.disconnect()
  }
}

/** Makes a replica the master: tells it as often as it gives up. */
async function promote(replica: ServerProcess): Promise<void> {
  let toldMs = Number.NEGATIVE_INFINITY
  await until(() =>
    ask(replica, async client => {
      if ((await client.role())[0] === 'master') return true
      if (performance.now() - toldMs < FAILOVER_MS) return false
      toldMs = performance.now()
      await client.cluster('FAILOVER')
      return false
    }),
  )
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + WAIT_MS_MAX
  while (!(await condition())) {
    if (performance.now() > untilMs) throw new Error(`the cluster was not there in time: ${condition}`)
    await sleep(PAUSE_MS)
  }
}

const idOf = (node: ServerProcess): Promise<string> =>
  ask(node, async client => String(await client.cluster('MYID')))

async function assign(masters: readonly ServerProcess[]): Promise<void> {
  await Promise.all(
    masters.map((master, i) =>
      ask(master, async client => {
        const first = Math.ceil((i * SLOTS) / MASTERS)
        const last = Math.ceil(((i + 1) * SLOTS) / MASTERS)
        await client.cluster('ADDSLOTS', ...Array.from({ length: last - first }, (_, n) => first + n))
        await client.cluster('SET-CONFIG-EPOCH', i + 1)
      }),
    ),
  )
}

/** Makes one cluster of the nodes. */
async function join(masters: readonly ServerProcess[], replica: ServerProcess): Promise<void> {
  const nodes = [...masters, replica]
  await assign(masters)
  // Everybody meets everybody: word of mouth takes seconds.
  for (const node of nodes) {
    await ask(node, async client => {
      for (const { port } of nodes) if (port !== node.port) await client.cluster('MEET', '127.0.0.1', port)
    })
  }
  const isWhole = (node: ServerProcess) =>
    ask(node, async client => {
      const info = String(await client.cluster('INFO'))
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`)
    })
  for (const node of nodes) await until(() => isWhole(node))
  const id = await idOf(masters[0] as ServerProcess)
  await ask(replica, client => client.cluster('REPLICATE', id))
  await until(() =>
    ask(replica, async client => (await client.info('replication')).includes('link_status:up')),
  )
}

async function moveSlot(
  nodes: readonly ServerProcess[],
  slot: number,
  from: ServerProcess,
  to: ServerProcess,
) {
  const [fromId, toId] = [await idOf(from), await idOf(to)]
  await ask(to, client => client.cluster('SETSLOT', slot, 'IMPORTING', fromId))
  await ask(from, async client => {
    await client.cluster('SETSLOT', slot, 'MIGRATING', toId)
    for (;;) {
      const keys = (await client.cluster('GETKEYSINSLOT', slot, KEYS_AT_ONCE)) as string[]
      if (keys.length === 0) return
      await client.call('MIGRATE', '127.0.0.1', to.port, '', 0, WAIT_MS_MAX, 'KEYS', ...keys)
    }
  })
  // The new owner hears of it first: otherwise nobody might have the slot.
  for (const node of [to, from, ...nodes.filter(other => other !== to && other !== from)]) {
    await ask(node, client => client.cluster('SETSLOT', slot, 'NODE', toId))
  }
}

/**
 * Starts a cluster of our own. Nodes that are silent for three seconds are taken for dead.
 * @throws Error that says what to install
 */
export async function redisCluster(): Promise<RedisCluster> {
  const nodes: ServerProcess[] = []
  let stopped: Promise<unknown> | undefined
  const stop = async () => {
    // Killed, since a master would wait for its replica.
    stopped ??= Promise.all(nodes.map(node => node.kill().then(node.stop)))
    await stopped
  }
  try {
    const args = [
      ...['--cluster-node-timeout', String(NODE_TIMEOUT_MS)],
      ...['--cluster-replica-validity-factor', '0'],
      ...['--repl-diskless-sync-delay', '0'],
    ]
    for (let i = 0; i <= MASTERS; i++) nodes.push(await redisProcess({ cluster: true, inMemory: true, args }))
    const masters = nodes.slice(0, MASTERS)
    const replica = nodes[MASTERS] as ServerProcess
    await join(masters, replica)

    const slotOf = async (key: string) =>
      ask(masters[1] as ServerProcess, async client => client.cluster('KEYSLOT', key))
    const ownerOf = async (key: string) => {
      const slot = await slotOf(key)
      const ranges = await ask(masters[1] as ServerProcess, client => client.cluster('SLOTS'))
      const range = ranges.find(([first, last]) => first <= slot && slot <= last)
      const owner = nodes.find(({ port }) => port === range?.[2]?.[1])
      if (!owner) throw new Error(`nobody has ${key}`)
      return owner
    }
    return {
      masters,
      replica,
      ownerOf,
      move: async (key, to) => {
        const isMaster = async (node: ServerProcess) =>
          ask(node, async client => (await client.role())[0] === 'master')
        const all = await Promise.all(nodes.map(async node => ((await isMaster(node)) ? [node] : [])))
        await moveSlot(all.flat(), await slotOf(key), await ownerOf(key), to)
      },
      failOver: () => promote(replica),
      stop,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
