import { Command } from 'commander'
import { pino } from 'pino'
import { loadConfig } from './config/load.js'
import { createConnector } from './connector.js'
import { explain } from './explain.js'
import { runUntilSignal } from './run-until-signal.js'

const program = new Command('ilp-connector').description('An Interledger (ILPv4) connector')

program
  .command('start')
  .description('run the connector until SIGTERM or SIGINT')
  .option('-c, --config <file>', 'YAML or JSON; ILP_… variables of the environment go on top')
  .addHelpText('after', '\nExample:\n  ilp-connector start --config connector.yaml')
  .action(async ({ config: file }: { config?: string }) => {
    const config = await loadConfig(file, process.env)
    const logger = pino({ level: config.logLevel })
    await runUntilSignal(createConnector(config, { logger }), logger)
  })

try {
  await program.parseAsync()
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}
