import { Client } from 'pg'

/** Everything in the schema, as somebody reads it who got hold of the server's files. */
export async function dump(url: string, schema: string): Promise<string> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query(
      `SELECT table_to_xml(format('%I.%I', table_schema, table_name)::regclass, true, false, '')::text AS text
       FROM information_schema.tables WHERE table_schema = $1`,
      [schema],
    )
    return rows.map(({ text }) => text as string).join('\n')
  } finally {
    await client.end()
  }
}
