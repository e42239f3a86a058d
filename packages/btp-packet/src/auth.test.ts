import { expect, test } from 'vitest'
import { type BtpFrame, decodeFrame, encodeAuth, FrameType, readAuth } from './index.js'

const EMPTY = Buffer.alloc(0)
const auth = { protocolName: 'auth', contentType: 0, data: EMPTY }
const text = (protocolName: string, data: string) => ({
  protocolName,
  contentType: 1,
  data: Buffer.from(data),
})
const message = (
  ...protocolData: { protocolName: string; contentType: number; data: Uint8Array }[]
): BtpFrame => ({
  type: FrameType.MESSAGE,
  requestId: 1,
  protocolData,
})

test('the primary sub-protocol is auth, an empty octet stream; the token is among the secondaries', () => {
  const frame = decodeFrame(encodeAuth(5, { token: 'sécret', username: 'alice' }))
  expect(frame).toEqual({
    type: FrameType.MESSAGE,
    requestId: 5,
    protocolData: [auth, text('auth_username', 'alice'), text('auth_token', 'sécret')],
  })
  expect(readAuth(frame)).toEqual({ token: 'sécret', username: 'alice' })
})

test('the token may be empty, and the username be left out', () => {
  const frame = decodeFrame(encodeAuth(5, { token: '', username: undefined }))
  expect(frame.protocolData).toEqual([auth, text('auth_token', '')])
  expect(readAuth(frame)).toEqual({ token: '', username: undefined })
})

test('secondaries come in any order, unknown ones are ignored, an empty username is none', () => {
  expect(readAuth(message(auth, text('x', '1'), text('auth_token', 't'), text('auth_username', '')))).toEqual(
    {
      token: 't',
      username: undefined,
    },
  )
})

test.each<[string, BtpFrame]>([
  ['a Response', { type: FrameType.RESPONSE, requestId: 1, protocolData: [auth, text('auth_token', 't')] }],
  [
    'a Transfer',
    { type: FrameType.TRANSFER, requestId: 1, amount: 0n, protocolData: [auth, text('auth_token', 't')] },
  ],
  ['an empty Message', message()],
  ['auth as a secondary', message(text('auth_token', 't'), auth)],
  ['auth with data', message({ ...auth, data: Buffer.from('x') }, text('auth_token', 't'))],
  ['auth as text', message({ ...auth, contentType: 1 }, text('auth_token', 't'))],
  ['no token', message(auth, text('auth_username', 'alice'))],
  ['a token that is not UTF-8', message(auth, { ...text('auth_token', ''), data: Buffer.from([0xff]) })],
  [
    'a username that is not UTF-8',
    message(auth, text('auth_token', 't'), { ...text('auth_username', ''), data: Buffer.from([0xff]) }),
  ],
])('%s is no authentication', (_name, frame) => {
  expect(typeof readAuth(frame)).toBe('string')
})
