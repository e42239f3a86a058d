import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { type TcpProxy, tcpProxy } from '@ilp/test-servers'
import { ADMIN_TOKEN } from './topology.js'

/** Where a process that is ready listens. */
export interface Face {
  readonly url: string
  readonly adminUrl: string
}

/** A line of a connector's log. */
export interface LogLine {
  readonly msg?: string
  /** Of the line that says that it is ready. */
  readonly url?: string
  readonly adminUrl?: string
  /** Of the lines that list Fulfills that came too late. */
  readonly fulfillment?: string
  readonly err?: unknown
}

export interface ConnectorProcessDeps {
  readonly name: string
  /** What Node is started with to be a connector. */
  readonly program: readonly string[]
  readonly configFile: string
  readonly logFile: string
  /** Takes each line of its log. */
  readonly logged: (line: LogLine) => void
  /** Called when it ends without having been asked to, `wasReady` or in its start. It is started again. */
  readonly ended: (name: string, wasReady: boolean) => void
}

const READY_MS_MAX = 60_000
const RESTART_MS = 100
const TAIL_CHARACTERS_MAX = 2_000
const ADMIN_MS_MAX = 2_000
const NOWHERE = 'http://127.0.0.1:9'

/** Waits until its standard input is closed, which the system does however this process dies. */
const WATCHER = 'cat >/dev/null; kill -9 "$1" 2>/dev/null'

/** A process of a connector, behind a proxy that keeps its port over restarts and is its link to its neighbours. */
export class ConnectorProcess {
  readonly name: string
  readonly proxy: TcpProxy
  readonly #deps: ConnectorProcessDeps
  readonly #log: WriteStream
  #child: ChildProcess | undefined
  #face: Face | undefined
  #isPaused = false
  #isWanted = false
  #waiting: ((face: Face) => void)[] = []
  /** The end of what it wrote. */
  #tail = ''

  private constructor(deps: ConnectorProcessDeps, proxy: TcpProxy) {
    this.name = deps.name
    this.#deps = deps
    this.proxy = proxy
    this.#log = createWriteStream(deps.logFile, { flags: 'a' })
  }

  static async create(deps: ConnectorProcessDeps): Promise<ConnectorProcess> {
    return new ConnectorProcess(deps, await tcpProxy(NOWHERE))
  }

  get isRunning(): boolean {
    return this.#child !== undefined
  }

  get isReady(): boolean {
    return this.#face !== undefined && !this.#isPaused
  }

  /** Settles when it is ready, at once when it is. */
  readonly ready = (): Promise<Face> => {
    if (this.#face) return Promise.resolve(this.#face)
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /** @throws Error when it isn't ready for a long time */
  async readyInTime(): Promise<Face> {
    const face = await Promise.race([this.ready(), sleep(READY_MS_MAX, undefined, { ref: false })])
    if (!face) throw new Error(`${this.name} was not ready within ${READY_MS_MAX} ms:\n${this.#tail}`)
    return face
  }

  /** No effect while it runs. */
  start(): void {
    this.#isWanted = true
    if (this.#child) return
    const { program, configFile } = this.#deps
    const { PATH } = process.env
    const child = spawn(process.execPath, [...program, 'start', '--config', configFile], {
      // An interrupt from the terminal is for this process to handle.
      detached: true,
      env: { PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#log.write(`{"msg":"process ${child.pid} started","time":${Date.now()}}\n`)
    const watcher = spawn('/bin/sh', ['-c', WATCHER, 'watcher', String(child.pid)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    child.once('exit', () => watcher.kill('SIGKILL'))
    child.once('close', (code, signal) => this.#closed(child, code ?? signal))
    createInterface({ input: child.stdout }).on('line', line => this.#line(child, line))
    child.stderr.setEncoding('utf8').on('data', text => this.#write(text))
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGTERM; resolves when it has ended. */
  async stop(): Promise<void> {
    this.resume()
    await this.#end('SIGTERM')
  }

  pause(): void {
    if (!this.#child) return
    this.#isPaused = true
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#isPaused = false
    this.#child?.kill('SIGCONT')
  }

  /** Asks its admin listener. */
  async ask<Answer>(path: string): Promise<Answer> {
    const { adminUrl } = await this.readyInTime()
    const response = await fetch(adminUrl + path, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      signal: AbortSignal.timeout(ADMIN_MS_MAX),
    })
    if (!response.ok) throw new Error(`${this.name}${path}: ${response.status}`)
    return (await response.json()) as Answer
  }

  async close(): Promise<void> {
    await this.proxy.stop()
    this.#log.end()
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#isWanted = false
    const child = this.#child
    if (!child) return
    this.#log.write(`{"msg":"${signal} to process ${child.pid}","time":${Date.now()}}\n`)
    const closed = once(child, 'close')
    child.kill(signal)
    await closed
  }

  #write(text: string): void {
    this.#tail = (this.#tail + text).slice(-TAIL_CHARACTERS_MAX)
    this.#log.write(text)
  }

  #closed(child: ChildProcess, how: unknown): void {
    const wasReady = this.#face !== undefined
    this.#log.write(`{"msg":"process ${child.pid} ended","how":"${String(how)}","time":${Date.now()}}\n`)
    this.#child = undefined
    this.#face = undefined
    this.#isPaused = false
    if (!this.#isWanted) return
    this.#deps.ended(this.name, wasReady)
    setTimeout(() => this.#isWanted && this.start(), RESTART_MS)
  }

  #line(child: ChildProcess, text: string): void {
    this.#write(`${text}\n`)
    let line: LogLine
    try {
      line = JSON.parse(text) as LogLine
    } catch {
      // It was killed while it wrote, or died of an error.
      return
    }
    if (line.msg === 'ready' && this.#child === child) {
      this.#face = { url: String(line.url), adminUrl: String(line.adminUrl) }
      this.proxy.aim(this.#face.url)
      for (const resolve of this.#waiting.splice(0)) resolve(this.#face)
    }
    this.#deps.logged(line)
  }
}
