import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { postgresProcess } from './postgres-process.js'

/** A Postgres server that others may use as well. */
export interface PostgresServer extends AsyncDisposable {
  /** Makes an empty database and returns its URL. It is gone after the stop. */
  readonly createDatabase: () => Promise<string>
  readonly stop: () => Promise<void>
}

async function query(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/**
 * The server that POSTGRES_URL names, whose user may create databases; otherwise one that is started for this caller.
 * @throws Error that says what to install
 */
export async function postgresServer(): Promise<PostgresServer> {
  const { POSTGRES_URL: given } = process.env
  const own = given ? undefined : await postgresProcess({ inMemory: true })
  const url = given ?? own?.url ?? ''
  const databases: string[] = []
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= (async () => {
      if (own) return own.stop()
      for (const name of databases) await query(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    })()
    return stopped
  }
  return {
    createDatabase: async () => {
      const name = `test_${randomBytes(8).toString('hex')}`
      databases.push(name)
      await query(url, `CREATE DATABASE ${name}`)
      const its = new URL(url)
      its.pathname = `/${name}`
      return its.href
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
