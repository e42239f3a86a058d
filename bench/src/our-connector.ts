import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from './child.js'

const PROGRAM = fileURLToPath(new URL('../../apps/connector/bin/ilp-connector.js', import.meta.url))
const READY = /"url":"(http:[^"]+)"(?:,"adminUrl":"(http:[^"]+)")?.*"msg":"ready"/

/** Of the operator, where there is an admin listener. */
export const ADMIN_TOKEN = 'token-of-the-operator'

/** The address of the connectors that are measured, ours and the peer. */
export const ADDRESS = 'test.bench'
/** Where packets go to: the account `bob` is a child. */
export const DESTINATION = `${ADDRESS}.bob.shop`
export const ASSET = { code: 'USD', scale: 9 }

/** Enough for any run. */
const MIN_BALANCE = String(-(10n ** 18n))

/** How the account's peer sends to the connector, or is sent to. */
export interface Links {
  readonly http?: object
  readonly btp?: object
}

export interface OurConnector {
  /** Where it listens: `http://127.0.0.1:<port>`. */
  readonly url: string
  /** Where its admin listener is, if it has one. */
  readonly adminUrl: string | undefined
  readonly child: Child
  readonly stop: () => Promise<void>
}

export interface ConnectorOptions {
  /** Options of Node. */
  readonly nodeFlags?: readonly string[]
  /** As the configuration names it: `memory:` unless given. */
  readonly store?: string
  /** Whether it has an admin listener, and so counts what it does. */
  readonly isObserved?: boolean
}

/** Starts the reference connector as its command does, with a journal and two child accounts, `alice` and `bob`. */
export async function startOurConnector(
  links: { readonly alice: Links; readonly bob: Links },
  { nodeFlags = [], store = 'memory:', isObserved = false }: ConnectorOptions = {},
): Promise<OurConnector> {
  const folder = await mkdtemp(join(tmpdir(), 'ilp-bench-'))
  const account = (username: 'alice' | 'bob') => ({
    username,
    relation: 'child',
    asset: ASSET,
    minBalance: MIN_BALANCE,
    ...links[username],
  })
  const config = {
    ilpAddress: ADDRESS,
    listen: '127.0.0.1:0',
    ...(isObserved && { adminListen: '127.0.0.1:0', adminToken: ADMIN_TOKEN }),
    secretSeed: randomBytes(32).toString('hex'),
    store,
    journalDir: join(folder, 'journal'),
    accounts: [account('alice'), account('bob')],
  }
  const file = join(folder, 'config.json')
  await writeFile(file, JSON.stringify(config))
  const child = startChild([...nodeFlags, PROGRAM, 'start', '--config', file])
  const stop = async () => {
    await child.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const [, url = '', adminUrl] = await child.printed(READY)
    return { url, adminUrl, child, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
