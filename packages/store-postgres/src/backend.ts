import type { Lifecycle, Logger } from '@ilp/service-core'
import type { Mirror } from '@ilp/store-traits'
import type { Client, Row, Statement, Value } from './client.js'
import type { Directory } from './directory.js'

export interface BackendDeps {
  /** For the batches and sessions of the ledger alone: nothing else stands before them. */
  readonly ledger: Client
  /** For everything else. */
  readonly client: Client
  readonly directory: Directory
  readonly mirror: Pick<Mirror, 'start' | 'stop' | 'check' | 'checkFresh'>
  readonly logger: Logger
}

/** A store's access to the server: there between its start and its stop. */
export class Backend implements Lifecycle {
  readonly #deps: BackendDeps

  constructor(deps: BackendDeps) {
    this.#deps = deps
  }

  readonly start = async (): Promise<void> => {
    const { ledger, client, directory, mirror, logger } = this.#deps
    try {
      await client.connect()
      await ledger.connect()
      await mirror.start()
    } catch (error) {
      await this.stop()
      throw error
    }
    const { loses } = directory
    if (loses) logger.warn({ loses }, 'Postgres can lose what it has acknowledged')
  }

  readonly stop = async (): Promise<void> => {
    const { ledger, client, directory, mirror } = this.#deps
    await mirror.stop()
    directory.close()
    ledger.close()
    client.close()
  }

  /** @throws StoreError ERR_STORE_CLOSED */
  check(): void {
    this.#deps.mirror.check()
  }

  /** Asks on the ledger's connection. Nothing is done as long as what is held in memory may be out of date. */
  async move(statement: Statement, values: readonly Value[]): Promise<readonly Row[]> {
    this.#deps.mirror.checkFresh()
    return this.#deps.ledger.query(statement, values)
  }

  /** The same on the connection of everything else. */
  async query(statement: Statement, values: readonly Value[] = []): Promise<readonly Row[]> {
    this.#deps.mirror.checkFresh()
    return this.#deps.client.query(statement, values)
  }
}
