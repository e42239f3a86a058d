import type { Lifecycle, Logger } from '@ilp/service-core'
import type { Mirror } from '@ilp/store-traits'
import type { Argument, Client } from './client.js'
import type { Directory } from './directory.js'
import type { Script } from './script.js'

export interface BackendDeps {
  readonly client: Client
  readonly directory: Directory
  readonly mirror: Pick<Mirror, 'start' | 'stop' | 'check' | 'checkFresh'>
  readonly logger: Logger
}

/** A store's access to the server: there between its start and its stop. */
export class Backend implements Lifecycle {
  readonly #deps: BackendDeps
  /** @throws StoreError ERR_STORE_CLOSED */
  readonly check: () => void

  constructor(deps: BackendDeps) {
    this.#deps = deps
    this.check = deps.mirror.check
  }

  readonly start = async (): Promise<void> => {
    const { client, directory, mirror, logger } = this.#deps
    try {
      await client.connect()
      await mirror.start()
    } catch (error) {
      await this.stop()
      throw error
    }
    const { loses } = directory
    if (loses) logger.warn({ loses }, 'Redis can lose what it has acknowledged')
  }

  readonly stop = async (): Promise<void> => {
    const { client, directory, mirror } = this.#deps
    await mirror.stop()
    directory.close()
    client.close()
  }

  /** Runs a script. Nothing is done as long as what is held in memory may be out of date. */
  async run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    this.#deps.mirror.checkFresh()
    return this.#deps.client.run(script, keys, args)
  }

  async call(command: string, ...args: readonly string[]): Promise<unknown> {
    this.#deps.mirror.checkFresh()
    return this.#deps.client.call(command, ...args)
  }
}
