import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'

const STOP_MS_MAX = 5_000

/** A Node process that is measured, or that measures, with a channel for messages. */
export interface Child {
  readonly pid: number
  readonly process: ChildProcess
  /** Sends a message and settles with the next one that comes back; rejects when the process ends before. */
  readonly ask: <Answer>(message: object) => Promise<Answer>
  /** Settles with the first match in its output; rejects when the process ends before. */
  readonly printed: (pattern: RegExp) => Promise<RegExpExecArray>
  /** Settles when it has ended: by SIGTERM, or by SIGKILL after a while. */
  readonly stop: () => Promise<void>
}

// Whether this module runs as it was written or as it was built, its neighbours do the same.
const extension = extname(import.meta.url)
const loader =
  extension === '.ts'
    ? [
        '--conditions=@ilp/source',
        '--import',
        pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
      ]
    : []
const neighbour = (name: string): URL => new URL(`./${name}${extension}`, import.meta.url)

/** Starts the program of a neighbouring file; it ends with this process at the latest. */
export const startNeighbour = (name: string, args: readonly string[] = []): Child =>
  startChild([neighbour(name).pathname, ...args])

/** Starts `node` with these arguments; it ends with this process at the latest. */
export function startChild(args: readonly string[]): Child {
  const { PATH, NODE_OPTIONS } = process.env
  const child = spawn(process.execPath, [...loader, '--import', neighbour('preload').href, ...args], {
    env: { PATH, NODE_OPTIONS },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const ended = exited.then(([code, signal]) => {
    throw new Error(`${args.join(' ')} ended with ${code ?? signal}`)
  })
  ended.catch(() => {})
  return {
    pid: child.pid ?? 0,
    process: child,
    ask: async <Answer>(message: object) => {
      const answered = once(child, 'message')
      child.send(message)
      const [answer] = await Promise.race([answered, ended])
      return answer as Answer
    },
    printed: pattern => Promise.race([firstMatch(child, pattern), ended]),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
      await exited.finally(() => clearTimeout(timer))
    },
  }
}

/** What comes after the match is read and dropped: a full pipe would hold the program up. */
function firstMatch({ stdout }: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise(resolve => {
    let output = ''
    const look = (text: string) => {
      output += text
      const match = pattern.exec(output)
      if (!match) return
      stdout?.off('data', look).resume()
      resolve(match)
    }
    stdout?.setEncoding('utf8').on('data', look)
  })
}
