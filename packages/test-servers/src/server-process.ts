import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdtemp, readFile, rm, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server of our own: a process on a port of 127.0.0.1, with a data folder that goes with it. */
export interface ServerProcess extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** Ends the process and removes its data. Idempotent. */
  readonly stop: () => Promise<void>
  /** SIGKILL to the server and its workers; resolves when they are gone. Its data stays. */
  readonly kill: () => Promise<void>
  /** Starts it again, on the same port and data, after `kill` or in place of one that runs. */
  readonly restart: () => Promise<void>
  /** SIGSTOP: connections stay open, nothing is answered. */
  readonly pause: () => Promise<void>
  readonly resume: () => Promise<void>
}

/** What a kind of server needs to be run. */
export interface ServerKind {
  readonly name: string
  readonly url: (port: number) => string
  /** The program and its arguments. */
  readonly command: (port: number, folder: string) => readonly [program: string, ...args: string[]]
  /** What it writes when it takes connections. */
  readonly readyLine: RegExp
  /** What it writes when the port, or the data of one that was killed, is in use still. */
  readonly busyLine: RegExp
  /** Asks it to end soon, and to end its connections. */
  readonly endSignal: NodeJS.Signals
  /** Whom it has to run as; undefined for the user of this process. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** Whether its data are kept in memory, where the system has a folder for that with room in it. */
  readonly inMemory?: boolean | undefined
  /** Fills the empty data folder. */
  readonly prepare?: (folder: string) => Promise<void>
}

const START_MS_MAX = 20_000
const END_MS_MAX = 5_000
const BUSY_PAUSE_MS = 50
const OUTPUT_CHARACTERS_MAX = 16_384

/**
 * Below those that systems give to whoever takes any, as are those of a Redis Cluster's bus, 10,000 above: nobody gets
 * one by chance, not while a server is restarted either.
 */
const [PORT_FIRST, PORT_END] = [12_000, 22_000]

/** What is written there outlives a kill, and nobody waits for a disk. */
const MEMORY_FOLDER = '/dev/shm'
const MEMORY_BYTES_MIN = 2 ** 30

/** Where the data folder is made. */
async function placeFor({ inMemory = false }: ServerKind): Promise<string> {
  if (!inMemory) return tmpdir()
  const { bavail, bsize } = await statfs(MEMORY_FOLDER).catch(() => ({ bavail: 0, bsize: 0 }))
  return bavail * bsize >= MEMORY_BYTES_MIN ? MEMORY_FOLDER : tmpdir()
}

/** Waits until its standard input is closed, which the system does however this process dies; then cleans up. */
const WATCHER = 'cat >/dev/null; kill -9 "$1" 2>/dev/null; rm -rf "$2"'

/** A port that was free a moment ago. Another process that names its ports may take it before it is used. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORT_FIRST, PORT_END)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue
      throw error
    }
    await once(server.close(), 'close')
    return port
  }
}

class BusyError extends Error {}

/** One run of the server, between a start and its end. */
class Run {
  readonly #kind: ServerKind
  readonly #child: ChildProcess
  readonly #watcher: ChildProcess
  readonly #exited: Promise<unknown>
  #output = ''

  constructor(kind: ServerKind, port: number, folder: string) {
    const [program, ...args] = kind.command(port, folder)
    this.#kind = kind
    // A session of its own: an interrupt from the terminal reaches the tests first, which end it.
    this.#child = spawn(program, args, {
      ...kind.user,
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#exited = once(this.#child, 'close')
    this.#exited.catch(() => {})
    const collect = (text: string) => {
      this.#output = (this.#output + text).slice(-OUTPUT_CHARACTERS_MAX)
    }
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', collect)
    this.#watcher = spawn('/bin/sh', ['-c', WATCHER, 'watcher', String(this.#child.pid), folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    this.#watcher.on('error', () => {})
    this.#child.once('exit', () => this.#watcher.kill('SIGKILL'))
  }

  /** Resolves when it takes connections. */
  async ready(): Promise<void> {
    const { name, readyLine, busyLine } = this.#kind
    const untilMs = performance.now() + START_MS_MAX
    const ended = this.#exited.then(
      () => true,
      error => {
        throw error
      },
    )
    while (!readyLine.test(this.#output)) {
      const hasEnded = await Promise.race([ended, sleep(5, false)])
      if (hasEnded && busyLine.test(this.#output)) throw new BusyError(this.#output)
      if (hasEnded) throw new Error(`${name} ended before it was ready:\n${this.#output}`)
      if (performance.now() > untilMs) throw new Error(`${name} was not ready in time:\n${this.#output}`)
    }
  }

  async end(): Promise<void> {
    await this.signal('SIGCONT')
    this.#child.kill(this.#kind.endSignal)
    const timer = setTimeout(() => void this.signal('SIGKILL'), END_MS_MAX)
    await this.#exited.catch(() => {})
    clearTimeout(timer)
  }

  async kill(): Promise<void> {
    await this.signal('SIGKILL')
    await this.#exited.catch(() => {})
  }

  /** To the server and its workers. It is stopped meanwhile, so that it starts no others and mends nothing. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    const { pid } = this.#child
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    if (signal !== 'SIGCONT') this.#child.kill('SIGSTOP')
    // Where the system doesn't list them, workers find out by themselves that the server is gone.
    const workers = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
    for (const worker of workers.split(' ').filter(Boolean)) {
      try {
        process.kill(Number(worker), signal)
      } catch {
        // It has ended by itself.
      }
    }
    this.#child.kill(signal)
  }
}

/** Starts a server. It ends with this process, however that ends. */
export async function startServer(kind: ServerKind): Promise<ServerProcess> {
  const folder = await mkdtemp(join(await placeFor(kind), `ilp-${kind.name}-`))
  let run: Run | undefined
  const launch = async (port: number) => {
    run = new Run(kind, port, folder)
    await run.ready()
  }
  /** On a port of its own: another one is taken when somebody was faster. */
  const launchFirst = async (triesLeft: number): Promise<number> => {
    const port = await freePort()
    try {
      await launch(port)
      return port
    } catch (error) {
      if (!(error instanceof BusyError) || triesLeft === 0) throw error
      return launchFirst(triesLeft - 1)
    }
  }
  const launchAgain = async (port: number) => {
    const untilMs = performance.now() + START_MS_MAX
    for (;;) {
      try {
        return await launch(port)
      } catch (error) {
        if (!(error instanceof BusyError) || performance.now() > untilMs) throw error
        await sleep(BUSY_PAUSE_MS)
      }
    }
  }
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= (async () => {
      await run?.end()
      await remove()
    })()
    return stopped
  }
  try {
    if (kind.user) await chown(folder, kind.user.uid, kind.user.gid)
    await kind.prepare?.(folder)
    const port = await launchFirst(5)
    return {
      port,
      url: kind.url(port),
      stop,
      kill: async () => run?.kill(),
      restart: async () => {
        await run?.end()
        await launchAgain(port)
      },
      pause: async () => run?.signal('SIGSTOP'),
      resume: async () => run?.signal('SIGCONT'),
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
