import { deepEqual, rejects } from 'node:assert/strict'
import type { Store } from '@ilp/store-traits'
import { type ServerProcess, type TcpProxy, tcpProxy } from '@ilp/test-servers'
import { ALICE, BOB, commit, reserve, Stores } from '../given.js'

export interface OutagesHarness {
  /** The server that the tests share, each under a name of its own. */
  readonly server: () => ServerProcess
  /** Starts one that a test may kill and pause. */
  readonly startServer: () => Promise<ServerProcess>
  /** A store on the server at the URL, which is yet to be started. */
  readonly createStore: (url: string, name: string, timeoutMs: number) => Store
  /** How many octets, from the first on, are within the operations of a small batch, and within its answer. */
  readonly octets: { readonly operations: number; readonly answer: number }
}

/** A batch whose double application would show. */
export const BATCH = [reserve, reserve, commit]

let count = 0

/** Stores, one server behind a proxy that they share, and servers of a test's own; all of it stopped in the end. */
export class OutageScene implements AsyncDisposable {
  readonly octets: OutagesHarness['octets']
  readonly proxy: TcpProxy
  readonly #harness: OutagesHarness
  readonly #name = `outages_${count++}`
  readonly #stores: Stores<Parameters<OutagesHarness['createStore']>>
  readonly #servers: ServerProcess[] = []

  private constructor(harness: OutagesHarness, proxy: TcpProxy) {
    this.#harness = harness
    this.octets = harness.octets
    this.proxy = proxy
    this.#stores = new Stores(harness.createStore)
  }

  static async of(harness: OutagesHarness): Promise<OutageScene> {
    return new OutageScene(harness, await tcpProxy(harness.server().url))
  }

  /** A store behind the proxy, unless another URL is given. */
  open(url = this.proxy.url, timeoutMs = 2_000): Promise<Store> {
    return this.#stores.open(url, this.#name, timeoutMs)
  }

  /** A store whose connection holds. */
  direct(): Promise<Store> {
    return this.open(this.#harness.server().url)
  }

  async ownServer(): Promise<ServerProcess> {
    const server = await this.#harness.startServer()
    this.#servers.push(server)
    return server
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A server that a failed test left as it was must not keep its stores from stopping.
    for (const server of this.#servers) await server.resume().catch(() => {})
    await this.#stores.stop()
    for (const server of this.#servers) await server.stop()
    await this.proxy.stop()
  }
}

/** The store says that it can't reach its server. */
export const isUnavailable = (asked: Promise<unknown>): Promise<void> =>
  rejects(asked, { name: 'StoreError', code: 'ERR_STORE_UNAVAILABLE' })

/** So many batches have been applied, each of them once. */
export async function isOnce({ ledger }: Store, batches: bigint): Promise<void> {
  const [owed, paid] = [3n * batches, 2n * batches]
  deepEqual(await ledger.readBalance(ALICE.id), { balance: -owed, heldOut: owed, heldIn: 0n })
  deepEqual(await ledger.readBalance(BOB.id), { balance: paid, heldOut: 0n, heldIn: paid })
  deepEqual(await ledger.readPositions(), [
    { asset: ALICE.asset, balance: batches, settled: 0n, adjusted: 0n },
  ])
}
