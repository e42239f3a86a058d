import { oneOf, type Random, randomBytes, upTo } from './random.js'

const METHODS = [
  'POST',
  'POST',
  'POST',
  'GET',
  'HEAD',
  'OPTIONS',
  'PUT',
  'CONNECT',
  'PRI',
  'M-SEARCH',
  'post',
]

const TARGETS = [
  '/ilp',
  '/accounts/evil/ilp',
  '/accounts/evil/ilp/btp',
  '/btp',
  '/accounts/shop/spsp',
  '/.well-known/pay',
  '/accounts/evil/balance',
  '/health',
  '/accounts/%65vil/ilp',
  '/accounts/%ff/ilp',
  '/accounts/__proto__/ilp',
  '/accounts//ilp',
  `/${'a/'.repeat(2_000)}`,
  '/ilp?x=%',
  '//ilp',
  '*',
  'http://node/ilp',
  'node:443',
]

const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.2',
  'HTTP/9.9',
]

/** Header lines, some of which no two go together. */
const headerLines = (token: string, length: number): readonly string[] => [
  `Authorization: Bearer ${token}`,
  `authorization: bEaReR   ${token}`,
  'Authorization: Bearer',
  `Authorization: Basic ${token}`,
  'Content-Type: application/octet-stream',
  'Content-Type: APPLICATION/ILP+OCTET-STREAM ; x="y"',
  'Content-Type: text/plain',
  `Content-Length: ${length}`,
  `Content-Length: ${length + 1}`,
  'Content-Length: 9223372036854775807',
  'Content-Length: 18446744073709551616',
  'Content-Length: -1',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Expect: 100-continue',
  'Expect: the unexpected',
  'Connection: close',
  'Connection: Upgrade',
  'Connection: upgrade, HTTP2-Settings',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAAQAAP__',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Version: 99',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Key: short',
  'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99',
  'Sec-WebSocket-Protocol: btp, btp',
  'Accept: application/spsp4+json',
  'Accept: ;;,,q=',
  'Origin: null',
  'Cookie: a=b; c',
  `X-Long: ${'x'.repeat(20_000)}`,
  ' Folded: line',
  'Bad Header: x',
  'X-Zero: \0',
]

/** A request put together at random of what requests are made of, with a body that may be a packet. */
export function hardlyRequest(random: Random, token: string, packets: readonly Buffer[]): Buffer {
  const body = random() < 0.7 ? oneOf(random, packets) : randomBytes(random, upTo(random, 100))
  const choices = headerLines(token, body.length)
  const wellFormed = random() < 0.5 ? [choices[0], choices[4], choices[7]] : []
  const lines = [...wellFormed, ...Array.from({ length: upTo(random, 6) }, () => oneOf(random, choices))]
  const head = [
    `${oneOf(random, METHODS)} ${oneOf(random, TARGETS)} ${oneOf(random, VERSIONS)}`,
    'Host: node',
    ...lines,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}
