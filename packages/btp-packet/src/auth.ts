import { isUtf8 } from 'node:buffer'
import { encodeFrame } from './encode.js'
import { type BtpFrame, ContentType, FrameType, type SubProtocol } from './frame.js'

/** What a client says of itself before anything else (RFC 23, 'Authentication'). */
export interface Auth {
  /** UTF-8; may be empty. */
  readonly token: string
  /** Whose token it is, in the sub-protocol `auth_username` that deployed nodes have; undefined when not said. */
  readonly username: string | undefined
}

const NO_DATA = new Uint8Array(0)

/** @throws RangeError when it doesn't fit into a frame */
export function encodeAuth(requestId: number, { token, username }: Auth): Buffer {
  const protocolData: SubProtocol[] = [
    { protocolName: 'auth', contentType: ContentType.OCTET_STREAM, data: NO_DATA },
  ]
  if (username !== undefined) protocolData.push(text('auth_username', username))
  protocolData.push(text('auth_token', token))
  return encodeFrame({ type: FrameType.MESSAGE, requestId, protocolData })
}

const text = (protocolName: string, data: string): SubProtocol => ({
  protocolName,
  contentType: ContentType.TEXT,
  data: Buffer.from(data),
})

/**
 * What the frame says of the client, or what it lacks to be an auth message. The sub-protocols behind the first one
 * may come in any order; unknown ones are ignored, and so is an empty `auth_username`.
 */
export function readAuth(frame: BtpFrame): Auth | string {
  if (frame.type !== FrameType.MESSAGE) return 'not authenticated: no Message'
  const [primary, ...secondaries] = frame.protocolData
  if (primary?.protocolName !== 'auth') return 'not authenticated: primary sub-protocol is not auth'
  if (primary.contentType !== ContentType.OCTET_STREAM || primary.data.length > 0) {
    return 'auth is not an empty octet stream'
  }
  const find = (name: string) => secondaries.find(entry => entry.protocolName === name)?.data
  const token = find('auth_token')
  const username = find('auth_username') ?? NO_DATA
  if (!token) return 'no auth_token'
  if (!isUtf8(token) || !isUtf8(username)) return 'auth is not UTF-8'
  const toText = (octets: Uint8Array) => Buffer.from(octets).toString()
  return { token: toText(token), username: username.length > 0 ? toText(username) : undefined }
}
