import { type Agent, request } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface HttpAnswer {
  readonly status: number
  readonly body: Buffer
}

export interface HttpPostOptions {
  readonly token: string
  readonly path?: string
  readonly contentType?: string
  /** A connection of its own unless set. */
  readonly agent?: Agent | false
}

/** Posts a packet, or whatever these bytes are, as ILP over HTTP has it. */
export function httpPost(url: string, bytes: Uint8Array, options: HttpPostOptions): Promise<HttpAnswer> {
  const { token, path = '/ilp', contentType = 'application/octet-stream', agent = false } = options
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': contentType,
      'content-length': bytes.length,
    }
    const asked = request(url + path, { method: 'POST', agent, headers })
    asked.once('error', reject)
    asked.once('response', response =>
      buffer(response).then(body => resolve({ status: response.statusCode ?? 0, body }), reject),
    )
    asked.end(bytes)
  })
}
