import { StoreError } from '@ilp/store-traits'
import type { Client } from './client.js'

/** What the server says of how it keeps what is written; undefined where it doesn't. */
interface Settings {
  readonly policy: string | undefined
  readonly appendOnly: boolean | undefined
  readonly appendFsync: string | undefined
  readonly isFlushedInRewrites: boolean
  readonly replicas: number
}

/** Managed servers often refuse CONFIG. */
async function readConfig(client: Client): Promise<Map<string, string>> {
  const config = new Map<string, string>()
  for (const name of ['maxmemory-policy', 'appendonly', 'appendfsync', 'no-appendfsync-on-rewrite']) {
    const answer = await optional(client.call('CONFIG', 'GET', name))
    if (Array.isArray(answer) && typeof answer[1] === 'string') config.set(name, answer[1])
  }
  return config
}

async function readInfo(client: Client): Promise<Map<string, string>> {
  const answer = await optional(client.call('INFO'))
  const lines = String(answer ?? '').split('\r\n')
  return new Map(lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]))
}

/** The answer; undefined when the server refuses the command. */
async function optional(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer
  } catch (error) {
    const { cause } = error as StoreError
    if (cause instanceof Error && cause.name === 'ReplyError') return undefined
    throw error
  }
}

async function readSettings(client: Client): Promise<Settings> {
  const [config, info] = [await readConfig(client), await readInfo(client)]
  const appendOnly = config.get('appendonly') ?? info.get('aof_enabled')
  return {
    policy: config.get('maxmemory-policy') ?? info.get('maxmemory_policy'),
    appendOnly: appendOnly === undefined ? undefined : appendOnly === 'yes' || appendOnly === '1',
    appendFsync: config.get('appendfsync'),
    isFlushedInRewrites: config.get('no-appendfsync-on-rewrite') !== 'yes',
    replicas: Number(info.get('connected_slaves') ?? 0),
  }
}

function lossesOnCrash({ appendOnly, appendFsync, isFlushedInRewrites }: Settings): string | undefined {
  if (appendOnly === false) {
    return 'when the server ends, everything since its last snapshot, or everything where it makes none (appendonly is off)'
  }
  if (appendOnly === undefined)
    return 'the server does not tell how it keeps what is written: anything, for all that is known'
  if (appendFsync === undefined) {
    return 'when the server crashes, the last second or more (it does not tell when it flushes its log: CONFIG is refused)'
  }
  if (appendFsync === 'everysec')
    return 'when the server crashes, up to two seconds (appendfsync is everysec)'
  if (appendFsync !== 'always')
    return `when its machine crashes, half a minute and more (appendfsync is ${appendFsync})`
  if (!isFlushedInRewrites) {
    return 'when its machine crashes while the log is rewritten, what came meanwhile (no-appendfsync-on-rewrite is on)'
  }
  return undefined
}

/**
 * What acknowledged writes can get lost, in words for the operator; undefined when none can.
 * @throws StoreError ERR_STORE_UNSAFE when the server may throw away what it holds in order to gain room
 */
export async function inspectSafety(client: Client): Promise<string | undefined> {
  const settings = await readSettings(client)
  const { policy, replicas } = settings
  if (policy !== undefined && policy !== 'noeviction') {
    throw new StoreError(
      'ERR_STORE_UNSAFE',
      `Redis may throw balances away when its memory is used up (maxmemory-policy is ${policy}): set it to noeviction`,
    )
  }
  const losses = [
    lossesOnCrash(settings),
    policy === undefined
      ? 'the server does not tell its maxmemory-policy: with another one than noeviction it throws balances away'
      : undefined,
    replicas > 0 ? 'when a replica takes over, what it had not been sent yet' : undefined,
  ].filter(loss => loss !== undefined)
  return losses.length > 0 ? losses.join('; ') : undefined
}
