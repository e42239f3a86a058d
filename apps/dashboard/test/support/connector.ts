import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, startProgram } from '@ilp/test-peers'

const MAIN = fileURLToPath(new URL('../../../connector/src/main.ts', import.meta.url))
const START_MS_MAX = 60_000

export const ADMIN_TOKEN = 'token-of-the-operator'
export const usd = { code: 'USD', scale: 9 }

/** A connector in a process of its own. */
export interface Connector {
  readonly url: string
  readonly adminUrl: string
  /** What the admin API answers; with a body, to a POST. */
  readonly api: <T>(path: string, body?: object) => Promise<T>
  readonly stop: () => Promise<void>
}

/** Starts a connector with these settings; its ports are free ones unless the settings say. */
export async function startConnector(settings: object): Promise<Connector> {
  const folder = await mkdtemp(join(tmpdir(), 'ilp-dashboard-'))
  const file = join(folder, 'connector.json')
  const all = {
    listen: '127.0.0.1:0',
    adminListen: '127.0.0.1:0',
    adminToken: ADMIN_TOKEN,
    secretSeed: '42'.repeat(32),
    payments: { allowHttp: true, allowPrivateAddresses: true },
    ...settings,
  }
  await writeFile(file, JSON.stringify(all))
  const child: Child = startProgram(MAIN, ['start', '--config', file])
  const stop = async () => {
    await child.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const [line] = await child.printed(/^.*"msg":"ready".*$/m, START_MS_MAX)
    const { url, adminUrl } = JSON.parse(line) as { url: string; adminUrl: string }
    const api = async <T>(path: string, body?: object) => {
      const headers = {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      }
      const answer = await fetch(
        `${adminUrl}${path}`,
        body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers },
      )
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
      return (await answer.json()) as T
    }
    return { url, adminUrl, api, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
