const HEAD_END = '\r\n\r\n'
const CONTENT_LENGTH = /\r\ncontent-length: *([0-9]+)/i

/** A message's bytes, which stay valid until the call returns. */
export type OnHttpMessage = (bytes: Buffer, headAt: number, bodyAt: number, end: number) => void

/**
 * Cuts what comes on a connection into HTTP/1.1 messages whose bodies have a Content-Length. No more than it takes to
 * talk to well-behaved peers at little cost.
 */
export class HttpMessages {
  readonly #onMessage: OnHttpMessage
  #rest: Buffer | undefined

  constructor(onMessage: OnHttpMessage) {
    this.#onMessage = onMessage
  }

  /** @throws Error for a head without a Content-Length */
  push(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    let at = 0
    while (at < bytes.length) {
      const headEnd = bytes.indexOf(HEAD_END, at, 'latin1')
      if (headEnd < 0) break
      const bodyAt = headEnd + HEAD_END.length
      const head = bytes.toString('latin1', at, headEnd)
      const length = CONTENT_LENGTH.exec(head)?.[1]
      if (length === undefined) throw new Error(`no Content-Length: ${head}`)
      const end = bodyAt + Number(length)
      if (end > bytes.length) break
      this.#onMessage(bytes, at, bodyAt, end)
      at = end
    }
    // The chunk may lie in a buffer that the next read writes over.
    this.#rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : undefined
  }
}
