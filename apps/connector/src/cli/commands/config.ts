import type { Command } from 'commander'
import type { CommandLine, Result } from '../command-line.js'
import { EXIT, type Fault } from '../failure.js'
import { settingVariables } from '../node-location.js'

export function configCommands(program: Command, { add, group }: CommandLine): Command {
  const config = group(program, 'config', 'configuration files', 'ilp-connector config check connector.yaml')
  add<[string | undefined]>(
    config,
    'check [file]',
    {
      description: 'say what is wrong in a configuration file, without starting anything',
      examples: [
        'ilp-connector config check connector.yaml',
        'ilp-connector config check connector.yaml --json',
        'ILP_SECRET_SEED=$(openssl rand -hex 32) ilp-connector config check connector.yaml',
      ],
      notes:
        'ILP_… variables of the environment go on top of the file, as with start. Certificates that the file names are looked at as well.',
    },
    async ({ config: otherwise, terminal }, [file = otherwise]) => {
      const faults = await faultsOf(file, settingVariables(terminal))
      const name = file ?? 'the environment'
      const next =
        file === undefined
          ? 'Name a file: ilp-connector config check FILE'
          : 'The README of @ilp/connector lists all settings.'
      return faults.length === 0 ? right(name) : wrong(name, faults, next)
    },
  )
  return config
}

async function faultsOf(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly Fault[]> {
  const [{ ConfigError, loadConfig }, { outgoingTlsOf, tlsOf }] = await Promise.all([
    import('../../config/load.js'),
    import('../../tls.js'),
  ])
  const attempts = [tlsOf, outgoingTlsOf]
  const faults: Fault[] = []
  try {
    const config = await loadConfig(file, environment)
    for (const attempt of attempts) {
      try {
        attempt(config)
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        faults.push(...error.faults)
      }
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    faults.push(...error.faults)
  }
  return faults
}

const right = (name: string): Result => ({
  document: { config: name, isRight: true, faults: [] },
  text: style => `${style('green', '✓')} ${name} is as it should be`,
})

const wrong = (name: string, faults: readonly Fault[], next: string): Result => ({
  document: { config: name, isRight: false, faults },
  text: style =>
    [
      `${style('red', '✗')} ${name}: ${faults.length === 1 ? 'one thing is' : `${faults.length} things are`} wrong`,
      ...faults.map(({ path, message }) => `  ${path === '' ? '' : `${style('bold', path)}: `}${message}`),
      next,
    ].join('\n'),
  exitCode: EXIT.failed,
})
