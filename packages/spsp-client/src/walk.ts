import { type Dispatcher, request } from 'undici'
import { ACCEPT, parseAnswer, type SpspAnswer } from './answer.js'
import { AddressRefusedError } from './connect.js'
import { SpspError, type SpspErrorCode } from './error.js'
import type { SpspClientOptions } from './options.js'
import { parseHop } from './pointer.js'

type Response = Dispatcher.ResponseData

export interface WalkDeps {
  readonly dispatcher: Dispatcher
  readonly settings: SpspClientOptions
}

const OK = 200
const NOT_FOUND = 404
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** The way of one query: from the endpoint, along redirects, to whoever answers. */
export class Walk {
  readonly #deps: WalkDeps
  readonly #hops: [URL, ...URL[]]
  readonly #headers: Readonly<Record<string, string>>
  /** Aborted with an SpspError, which lacks the hops. */
  readonly #signal: AbortSignal

  constructor(deps: WalkDeps, endpoint: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    this.#deps = deps
    this.#hops = [endpoint]
    this.#headers = { accept: ACCEPT, ...headers }
    this.#signal = signal
  }

  /** @throws SpspError */
  async answer(): Promise<SpspAnswer> {
    try {
      for (;;) {
        const response = await this.#ask()
        if (!REDIRECTS.has(response.statusCode)) return await this.#read(response)
        await this.#discard(response)
        this.#follow(response)
      }
    } catch (error) {
      throw this.#explain(error)
    }
  }

  get #here(): URL {
    return this.#hops.at(-1) as URL
  }

  #ask(): Promise<Response> {
    return request(this.#here, {
      dispatcher: this.#deps.dispatcher,
      headers: this.#headers,
      signal: this.#signal,
      // There is one time for all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  #follow(response: Response): void {
    const { redirectsMax, allowHttp } = this.#deps.settings
    const { statusCode: status } = response
    const { host, href } = this.#here
    if (this.#hops.length > redirectsMax) {
      throw this.#failure('ERR_SPSP_REDIRECTS_EXCEEDED', `${host} redirects once too often`, { status })
    }
    const next = parseHop(headerOf(response, 'location'), href, allowHttp)
    if (!next) {
      const message = `${host} redirects to where queries must not go`
      throw this.#failure('ERR_SPSP_REDIRECT_INVALID', message, { status })
    }
    this.#hops.push(next)
  }

  async #read(response: Response): Promise<SpspAnswer> {
    const { statusCode: status } = response
    const { host } = this.#here
    if (status !== OK) {
      await this.#discard(response)
      throw status === NOT_FOUND
        ? this.#failure('ERR_SPSP_RECEIVER_UNKNOWN', `${host} has no such receiver`, { status })
        : this.#failure('ERR_SPSP_STATUS', `${host} answered with status ${status}`, { status })
    }
    const answer = parseAnswer(
      headerOf(response, 'content-type'),
      headerOf(response, 'cache-control'),
      await response.body.text(),
    )
    if (!answer)
      throw this.#failure('ERR_SPSP_ANSWER_INVALID', `the answer of ${host} is not SPSP`, { status })
    return { ...answer, hops: this.#hops }
  }

  /** Its head has said it all, whatever becomes of the body. */
  async #discard({ body }: Response): Promise<void> {
    await body.dump({ limit: this.#deps.settings.bodyBytesMax, signal: this.#signal }).catch(() => {})
  }

  #failure(
    code: SpspErrorCode,
    message: string,
    details: { readonly status?: number; readonly cause?: unknown } = {},
  ): SpspError {
    return new SpspError(code, message, { ...details, hops: this.#hops })
  }

  #explain(error: unknown): SpspError {
    if (error instanceof SpspError && error.hops === this.#hops) return error
    if (this.#signal.aborted) {
      const { code, message, cause } = this.#signal.reason as SpspError
      return this.#failure(code, message, { cause })
    }
    if (error instanceof AddressRefusedError) return this.#failure('ERR_SPSP_ADDRESS_REFUSED', error.message)
    const { host } = this.#here
    return (error as { code?: unknown }).code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
      ? this.#failure('ERR_SPSP_ANSWER_INVALID', `the answer of ${host} is too long`)
      : this.#failure('ERR_SPSP_UNREACHABLE', `${host} can't be reached`, { cause: error })
  }
}

function headerOf({ headers }: Response, name: string): string {
  const value = headers[name] ?? ''
  return typeof value === 'string' ? value : value.join(', ')
}
