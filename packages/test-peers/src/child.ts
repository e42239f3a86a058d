import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

const OUTPUT_CHARACTERS_MAX = 16_384
const TERM_MS_MAX = 1_000

/** Runs before anything else in a child: the channel closes with its parent, however that dies. */
const END_WITH_PARENT = 'data:text/javascript,process.once("disconnect",()=>process.exit())'

/** A Node process of our own, with an IPC channel that carries bigints. It never outlives this process. */
export interface Child {
  readonly process: ChildProcess
  /** Settles when the process has ended, whatever the reason. */
  readonly exited: Promise<unknown>
  /** The end of what it has written to its standard output and error. */
  readonly output: () => string
  /** Settles with the first match in its output; rejects when it ends before, or after `timeoutMs`. */
  readonly printed: (pattern: RegExp, timeoutMs: number) => Promise<RegExpExecArray>
  /** Ends it: SIGTERM, and SIGKILL where that does not help. */
  readonly stop: () => Promise<void>
}

/** Starts `node` with these arguments and, beside PATH and NODE_OPTIONS, only the variables in `env`. */
export function startChild(args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const { PATH, NODE_OPTIONS } = process.env
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, ...args], {
    env: { PATH, NODE_OPTIONS, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  })
  const exited = once(child, 'close')
  let output = ''
  const look = new Set<() => void>()
  const collect = (text: string) => {
    output = (output + text).slice(-OUTPUT_CHARACTERS_MAX)
    for (const again of look) again()
  }
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', collect)

  const printed = (pattern: RegExp, timeoutMs: number) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const settle = (match: RegExpExecArray | Error) => {
        clearTimeout(timer)
        look.delete(again)
        if (match instanceof Error) reject(match)
        else resolve(match)
      }
      const again = () => {
        const match = pattern.exec(output)
        if (match) settle(match)
      }
      const failed = (what: string) => () => settle(new Error(`${what} before ${pattern}:\n${output}`))
      const timer = setTimeout(failed(`${timeoutMs} ms passed`), timeoutMs)
      look.add(again)
      void exited.then(failed('the process ended'), settle)
      again()
    })

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), TERM_MS_MAX)
    await exited.finally(() => clearTimeout(timer))
  }
  return { process: child, exited, output: () => output, printed, stop }
}
