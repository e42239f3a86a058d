import type { HttpRequest } from '@ilp/listener'

/**
 * The request's body; `too-large` as soon as it has more than `bytesMax` octets, of which no more are kept; undefined
 * when the client goes away before its end.
 */
export function readBody(request: HttpRequest, bytesMax: number): Promise<Buffer | 'too-large' | undefined> {
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    let length = 0
    const take = (chunk: Buffer) => {
      length += chunk.length
      if (length > bytesMax) {
        request.off('data', take).pause()
        resolve('too-large')
      } else chunks.push(chunk)
    }
    if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
      resolve('too-large')
      return
    }
    request.on('data', take)
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', () => resolve(undefined))
    request.once('close', () => resolve(undefined))
  })
}
