import type { HttpRequest } from './http.js'

/** What becomes of a body: one of the two is called, once; neither when the client goes away before its end. */
export interface BodyReader {
  readonly whole: (body: Buffer) => void
  readonly tooLarge: () => void
}

/**
 * Collects a request's body, of which no more than `bytesMax` is ever kept. A body that came in one piece, as packets
 * do, is handed over as it is.
 */
export function readBody(request: HttpRequest, bytesMax: number, { whole, tooLarge }: BodyReader): void {
  const claimed = request.headers['content-length']
  const sizeMax = claimed === undefined ? bytesMax : Number(claimed)
  if (sizeMax > bytesMax) {
    tooLarge()
    return
  }
  let body: Buffer | undefined
  let length = 0
  const collect = (chunk: Buffer) => {
    const start = length
    length += chunk.length
    if (length > bytesMax) {
      request.off('data', collect).off('end', end).pause()
      tooLarge()
    } else if (!body) body = chunk
    else {
      // Many small pieces take no more room than one: they go to a buffer that is made once.
      if (body.length < length) body = Buffer.concat([body], sizeMax)
      chunk.copy(body, start)
    }
  }
  const end = () => whole(body?.subarray(0, length) ?? Buffer.alloc(0))
  request.on('data', collect).on('end', end)
}
