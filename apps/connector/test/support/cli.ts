import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { bundleProgram, type Child, startProgram } from '@ilp/test-peers'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { type RunningCommand, ready } from './command.js'
import { ADMIN_TOKEN } from './face.js'
import { type Settings, settings } from './settings.js'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** The command's program, which `node` runs. */
export const program = (): Promise<string> => bundleProgram(MAIN)

export interface CliOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** What comes from the standard input. */
  readonly input?: string
}

export interface CliResult {
  readonly exitCode: number | null
  readonly out: string
  readonly err: string
}

/** A command that is under way. */
export interface RunningCli {
  readonly process: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<CliResult>
}

/** Runs `ilp-connector`, with nothing in its environment but PATH and what is given. */
export async function startCli(args: readonly string[], options: CliOptions = {}): Promise<RunningCli> {
  const { environment = {}, input } = options
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [await program(), ...args], { env: { PATH, ...environment } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  // It may end without having read anything.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = once(child, 'close').then(() => ({ exitCode: child.exitCode, out, err }))
  return { process: child, out: () => out, err: () => err, ended }
}

export const cli = async (args: readonly string[], options?: CliOptions): Promise<CliResult> =>
  (await startCli(args, options)).ended

/** A node in a process of its own, and the command that asks it. */
export class NodeWithCli {
  #node: RunningCommand | undefined

  get node(): RunningCommand {
    if (!this.#node) throw new Error('the node has not started')
    return this.#node
  }

  /** Starts the node. @returns its process */
  async start(more: Settings): Promise<Child> {
    const environment = Object.fromEntries(
      Object.entries(settings(more)).map(([name, value]) => [
        variable(name),
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    )
    const child = startProgram(await program(), ['start'], environment)
    this.#node = await ready(child)
    return child
  }

  environment(): Readonly<Record<string, string>> {
    return { ILP_ADMIN_URL: this.node.adminUrl, ILP_ADMIN_TOKEN: ADMIN_TOKEN }
  }

  begin(args: readonly string[], { environment, ...options }: CliOptions = {}): Promise<RunningCli> {
    return startCli(args, { ...options, environment: { ...this.environment(), ...environment } })
  }

  async run(args: readonly string[], options?: CliOptions): Promise<CliResult> {
    return (await this.begin(args, options)).ended
  }

  /** What it prints for people, where all goes well. */
  async text(...args: string[]): Promise<string> {
    const { exitCode, out, err } = await this.run(args)
    expect(exitCode, `${err}${out}`).toBe(0)
    return out
  }

  /** What it prints for programs: one document. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at what it is
  async json(...args: string[]): Promise<any> {
    const { exitCode, out, err } = await this.run([...args, '--json'])
    expect([exitCode, err], out).toEqual([0, ''])
    return document(out)
  }

  /** What it prints for programs where it doesn't do what it was asked for, with its exit code. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at what it is
  async failure(...args: string[]): Promise<{ exitCode: number | null; error: any }> {
    const { exitCode, out, err } = await this.run([...args, '--json'])
    expect(err).toBe('')
    return { exitCode, error: document(out).error }
  }
}

/** The one document that this is. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look at what it is
export function document(out: string): any {
  expect(out).toMatch(/^[^\n]+\n$/)
  return JSON.parse(out)
}

const variable = (setting: string): string =>
  setting === 'ilpAddress' ? 'ILP_ADDRESS' : `ILP_${setting.replace(/[A-Z]/g, '_$&').toUpperCase()}`

/** One node for all tests of a file. */
export function nodeForAll(more: Settings): NodeWithCli {
  const node = new NodeWithCli()
  let child: Child | undefined
  beforeAll(async () => {
    child = await node.start(more)
  })
  afterAll(() => child?.stop())
  return node
}
