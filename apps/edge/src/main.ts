import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createLmdbStore } from '@ilp/store-lmdb'
import { createJournal, createSecrets } from '@ilp/store-traits'
import { pino } from 'pino'
import { createEdge } from './edge.js'
import { checkOptions } from './options.js'

const HELP = `Takes packets of customers over HTTP, and passes them on to one connector, and back.

  ilp-edge edge.json

  ILP_SECRET_SEED   64 hexadecimal digits, unless the file has a secretSeed: openssl rand -hex 32`

async function settings() {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean' } },
    allowPositionals: true,
  })
  const [file] = positionals
  if (values.help || file === undefined) {
    console.log(HELP)
    process.exit(values.help ? 0 : 1)
  }
  const { ILP_SECRET_SEED: secretSeed } = process.env
  return checkOptions({ secretSeed, ...(JSON.parse(await readFile(file, 'utf8')) as object) })
}

/** Where balances outlive the process. */
function durable(directory: string, secretSeed: string) {
  const secrets = createSecrets(Buffer.from(secretSeed, 'hex'))
  return {
    books: createLmdbStore({ directory, secrets }),
    journal: createJournal(join(directory, 'journal')),
  }
}

const logger = pino()
try {
  const options = await settings()
  const { dataDir, secretSeed } = options
  const edge = createEdge(options, {
    logger,
    ...(dataDir !== undefined && durable(dataDir, secretSeed)),
  })
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void edge.stop())
  await edge.start()
  logger.info({ url: edge.url() }, 'ready')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
