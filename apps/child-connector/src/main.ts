import { join } from 'node:path'
import { createLmdbStore } from '@ilp/store-lmdb'
import { createJournal, createSecrets } from '@ilp/store-traits'
import { pino } from 'pino'
import { createChildConnector } from './child-connector.js'
import { HELP, readSettings, type Settings } from './settings.js'

/** Where balances outlive the process. */
function durable(directory: string, secretSeed: string) {
  const secrets = createSecrets(Buffer.from(secretSeed, 'hex'))
  return {
    books: createLmdbStore({ directory, secrets }),
    journal: createJournal(join(directory, 'journal')),
  }
}

async function run({ options, data }: Settings): Promise<void> {
  const logger = pino()
  const child = createChildConnector(options, {
    logger,
    onMoney: ({ amount, totalReceived, streamId }) =>
      logger.info({ amount: `${amount}`, totalReceived: `${totalReceived}`, streamId }, 'received money'),
    ...(data !== undefined && durable(data, options.secretSeed)),
  })
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void child.stop())
  await child.start()
  void child.learned.then(address => logger.info({ address, url: child.url() }, 'ready'))
}

try {
  const settings = readSettings(process.argv.slice(2), process.env)
  if (settings) await run(settings)
  else console.log(HELP)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
