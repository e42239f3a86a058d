import { Pool } from 'pg'
import { versionOf } from '../machine.js'
import type { Bare } from './store-alone.js'

export const BARE_POSTGRES = `pg ${versionOf('pg')}, one statement a call through a pool of ten`

const CONNECTIONS = 10

/** A packet in two statements by pg, each durable, over a pool of connections. */
export async function barePostgres(
  url: string,
  accounts: number,
): Promise<Bare & { readonly stop: () => Promise<void> }> {
  const pool = new Pool({ connectionString: url, max: CONNECTIONS })
  // Ended by the server, when that ends first.
  pool.on('error', () => {})
  const table = `bare_${accounts}`
  await pool.query(
    `CREATE TABLE ${table} (id int PRIMARY KEY, balance numeric NOT NULL, held numeric NOT NULL)`,
  )
  await pool.query(`INSERT INTO ${table} SELECT i, 0, 0 FROM generate_series(0, $1::int - 1) i`, [accounts])
  const run = async (name: string, set: string, account: number) => {
    const text = `UPDATE ${table} SET ${set} WHERE id = $1 AND balance - held > -1e30`
    const { rowCount } = await pool.query({ name, text, values: [account] })
    if (rowCount !== 1) throw new Error('refused')
  }
  return {
    packet: async worker => {
      await run('reserve', 'held = held + 10', worker % accounts)
      await run('commit', 'held = held - 10, balance = balance - 10', worker % accounts)
    },
    stop: () => pool.end(),
  }
}
