import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface EngineRequest {
  readonly method: string
  readonly path: string
  readonly key: string | undefined
  readonly authorization: string | undefined
  readonly body: Buffer
}

/** What becomes of a request. `lost`: it is done, and the connection is cut. `cut`: it isn't, and so is the connection. */
export type Verdict = 'lost' | 'cut' | 'silent' | { readonly status: number; readonly body?: string | Buffer }

const DONE: Verdict = { status: 201 }

/** An engine that does what it is told, as often as it is told so, once for each key. */
export class FakeEngine {
  readonly requests: EngineRequest[] = []
  /** What each key was for. */
  readonly settled = new Map<string, bigint>()
  readonly accounts = new Set<string>()
  /** Overrules the usual answer, which is that it is done. */
  judge: (request: EngineRequest) => Verdict | undefined = () => undefined
  /** Called once for each settlement. */
  settling: (account: string, key: string, amount: string) => void = () => {}
  #server: Server | undefined
  #port = 0
  readonly #watchers: { readonly isMet: () => boolean; readonly resolve: () => void }[] = []

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** All that it has settled. */
  get total(): bigint {
    return [...this.settled.values()].reduce((sum, amount) => sum + amount, 0n)
  }

  /** The paths of its requests, with their methods. */
  get asked(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`)
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#answer(request, response))
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
    return this
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }

  /** Settles when the condition is met behind one of its requests. */
  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve()
    return new Promise(resolve => this.#watchers.push({ isMet, resolve }))
  }

  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request: EngineRequest = {
      method: message.method ?? '',
      path: message.url ?? '',
      key: message.headers['idempotency-key'] as string | undefined,
      authorization: message.headers.authorization,
      body: await buffer(message),
    }
    this.requests.push(request)
    const verdict = this.judge(request) ?? DONE
    if (verdict === 'lost' || (typeof verdict === 'object' && verdict.status < 300)) this.#do(request)
    if (verdict === 'lost' || verdict === 'cut') response.destroy()
    else if (verdict !== 'silent') response.writeHead(verdict.status).end(verdict.body)
    for (const watcher of this.#watchers.filter(({ isMet }) => isMet())) watcher.resolve()
  }

  #do({ method, path, key, body }: EngineRequest): void {
    if (path === '/accounts') this.accounts.add((JSON.parse(body.toString()) as { id: string }).id)
    if (method === 'DELETE') this.accounts.delete(path.slice('/accounts/'.length))
    if (!path.endsWith('/settlements') || key === undefined) return
    const { amount } = JSON.parse(body.toString()) as { amount: string }
    const former = this.settled.get(key)
    if (former !== undefined && former !== BigInt(amount)) throw new Error(`${key} has come with two amounts`)
    this.settled.set(key, BigInt(amount))
    if (former === undefined) this.settling(path.split('/')[2] ?? '', key, amount)
  }
}

/** An engine that listens until the end of the test. */
export async function startEngine(): Promise<FakeEngine> {
  const engine = await new FakeEngine().start()
  onTestFinished(() => engine.stop())
  return engine
}
