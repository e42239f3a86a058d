import type { Command } from 'commander'
import type { CommandLine } from '../command-line.js'
import { EXIT } from '../failure.js'
import { settingVariables } from '../node-location.js'

export const startCommand = (program: Command, { add }: CommandLine): Command =>
  add(
    program,
    'start',
    {
      description: 'run the connector until SIGTERM or SIGINT',
      examples: [
        'ilp-connector start --config connector.yaml',
        'ILP_LOG_LEVEL=debug ilp-connector start -c connector.yaml',
      ],
      notes:
        'The file is YAML or JSON; ILP_… variables of the environment go on top. The log goes to the standard output, as JSON lines.',
    },
    async ({ config: file, terminal }) => {
      // The whole connector is loaded by the one command that runs it.
      const [{ pino }, { ConfigError, loadConfig }, { createConnector }, { explain }, { runUntilSignal }] =
        await Promise.all([
          import('pino'),
          import('../../config/load.js'),
          import('../../connector.js'),
          import('../../explain.js'),
          import('../../run-until-signal.js'),
        ])
      try {
        const config = await loadConfig(file, settingVariables(terminal))
        const logger = pino({ level: config.logLevel })
        await runUntilSignal(createConnector(config, { logger }), logger)
        return undefined
      } catch (error) {
        const explained = explain(error)
        if (typeof explained !== 'string') throw error
        const isUnnamed = file === undefined && error instanceof ConfigError
        const next = isUnnamed ? 'Next: name its file: ilp-connector start --config FILE\n' : ''
        terminal.err.write(`${explained}\n${next}`)
        return EXIT.failed
      }
    },
  )
