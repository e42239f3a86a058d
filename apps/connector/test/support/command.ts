import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleProgram, type Child, startProgram } from '@ilp/test-peers'
import { onTestFinished } from 'vitest'
import { Face } from './face.js'
import { type Settings, settings } from './settings.js'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
/** A busy machine may take it. */
const START_MS_MAX = 50_000

type Environment = Readonly<Record<string, string>>

/** Runs `ilp-connector` with these arguments. */
export function run(args: readonly string[], environment: Environment = {}): Child {
  const child = startProgram(MAIN, args, environment)
  onTestFinished(child.stop)
  return child
}

/** Runs `ilp-connector` to its end: what it printed, and its exit code. */
export async function runToEnd(args: readonly string[], environment: Environment = {}) {
  const child = run(args, environment)
  await child.exited
  return { output: child.output(), exitCode: child.process.exitCode }
}

/** A configuration file, which goes with the test. */
export async function configFile(content: string, name = 'connector.yaml'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ilp-connector-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, name)
  await writeFile(file, content)
  return file
}

/** A connector in a process of its own. */
export class RunningCommand extends Face {
  constructor(
    readonly child: Child,
    /** The line of its log that says that it is ready. */
    readonly readyLine: { readonly url: string; readonly adminUrl: string; readonly address?: string },
  ) {
    super(readyLine.url, readyLine.adminUrl)
  }

  signal(signal: NodeJS.Signals): void {
    this.child.process.kill(signal)
  }

  /** Settles with the exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    await this.child.exited
    return this.child.process.exitCode ?? this.child.process.signalCode
  }
}

/** Settles when `ilp-connector start` is ready. */
export async function ready(child: Child): Promise<RunningCommand> {
  const [line] = await child.printed(/^.*"msg":"ready".*$/m, START_MS_MAX)
  return new RunningCommand(child, JSON.parse(line) as RunningCommand['readyLine'])
}

/** Starts the command with these settings in a file. */
export async function startCommand(more: Settings): Promise<RunningCommand> {
  const file = await configFile(JSON.stringify(settings(more)), 'connector.json')
  const child = startProgram(await bundleProgram(MAIN), ['start', '--config', file])
  onTestFinished(child.stop)
  return ready(child)
}
