import { Command, CommanderError } from 'commander'
import { createCommandLine } from './command-line.js'
import { positionsCommand } from './commands/account-money.js'
import { accountCommands } from './commands/accounts.js'
import { completionCommands } from './commands/completion.js'
import { configCommands } from './commands/config.js'
import { eventsCommand } from './commands/events.js'
import { helpCommand } from './commands/help.js'
import { connectionCommands, settlementCommands } from './commands/links.js'
import { logLevelCommand } from './commands/log-level.js'
import { payCommand } from './commands/pay.js'
import { paymentCommands } from './commands/payments.js'
import { pingCommand } from './commands/ping.js'
import { rateCommands } from './commands/rates.js'
import { routeCommands } from './commands/routes.js'
import { startCommand } from './commands/start.js'
import { statusCommand } from './commands/status.js'
import { alertsCommand, reconciliationCommands } from './commands/trouble.js'
import { EXIT, Failure } from './failure.js'
import { styleOf } from './style.js'
import type { Terminal } from './terminal.js'

const ABOUT = `Which node: --url and --token-file; else ILP_ADMIN_URL and ILP_ADMIN_TOKEN; else what its configuration says
(--config FILE, and ILP_… variables). A token on the command line is seen by others for a moment: prefer a file.

Exit codes: 0 done; 1 refused or failed; 2 wrong usage; 3 no node reached, or the token isn't its; 130 ended by SIGINT.

Examples:
  ilp-connector start --config connector.yaml
  ilp-connector status --config connector.yaml
  ilp-connector help pay`

export interface ProgramOptions {
  /** Nothing is printed but JSON. */
  readonly isJson: boolean
  /** Is told the exit code. */
  readonly exit: (code: number) => void
}

/** The command `ilp-connector`: everything that it can be asked for. */
export function createProgram(terminal: Terminal, { isJson, exit }: ProgramOptions): Command {
  const program = new Command('ilp-connector')
    .description('An Interledger (ILPv4) connector: runs a node, and asks running ones')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: text => void terminal.out.write(text),
      writeErr: text => void (isJson || terminal.err.write(text)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .helpCommand(false)
    .option('--url <url>', 'of the node’s admin API, such as http://127.0.0.1:7772')
    .option('--token <token>', 'its admin token')
    .option('--token-file <file>', 'a file that has it, - for standard input')
    .option('-c, --config <file>', 'the node’s configuration, YAML or JSON')
    .option('--json', 'print JSON')
    .option('-V, --version', 'print the version')
    .addHelpText('after', `\n${ABOUT}`)
  program.on('option:version', () => {
    terminal.out.write(`${terminal.version()}\n`)
    throw new CommanderError(EXIT.ok, 'commander.version', '')
  })
  const line = createCommandLine(terminal, exit)
  program.commandsGroup('Running a node:')
  startCommand(program, line)
  configCommands(program, line)
  program.commandsGroup('Asking a node:')
  statusCommand(program, line)
  accountCommands(program, line)
  positionsCommand(program, line)
  routeCommands(program, line)
  rateCommands(program, line)
  payCommand(program, line)
  paymentCommands(program, line)
  pingCommand(program, line)
  connectionCommands(program, line)
  settlementCommands(program, line)
  reconciliationCommands(program, line)
  alertsCommand(program, line)
  logLevelCommand(program, line)
  eventsCommand(program, line)
  program.commandsGroup('Besides:')
  completionCommands(program, line, terminal)
  helpCommand(program, line)
  return program
}

/** Does what a command line says. @returns the exit code */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT.ok
  const isJson = args.includes('--json')
  const exit = (code: number) => {
    exitCode = code
  }
  try {
    await createProgram(terminal, { isJson, exit }).parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    return told(error, isJson, terminal)
  }
}

function told(error: unknown, isJson: boolean, terminal: Terminal): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok
    if (isJson) terminal.out.write(`${JSON.stringify(usageDocument(error))}\n`)
    else if (error.code !== 'commander.help') {
      terminal.err.write(
        'Next: ilp-connector help lists the commands, and --help behind one says what it takes.\n',
      )
    }
    return EXIT.usage
  }
  if (!(error instanceof Failure)) throw error
  if (isJson) terminal.out.write(`${JSON.stringify(error.document())}\n`)
  else terminal.err.write(`${failureText(error, terminal)}\n`)
  return error.details.exitCode
}

const usageDocument = ({ code, message }: CommanderError): object => {
  const isUnfinished = code === 'commander.help'
  const said = isUnfinished ? 'a command is missing' : message.replace(/^error: /, '')
  return { error: { code: 'usage', message: said, next: 'ilp-connector help lists the commands.' } }
}

function failureText({ message, details: { faults = [], next } }: Failure, terminal: Terminal): string {
  const style = styleOf(terminal.err, terminal)
  // What is wrong with one setting alone is the message.
  const more = faults.filter(fault => fault.message !== message)
  return [
    `${style('red', 'error:')} ${message}`,
    ...more.map(fault => `  ${fault.path === '' ? '' : `${fault.path}: `}${fault.message}`),
    ...(next === undefined ? [] : [`Next: ${next}`]),
  ].join('\n')
}
