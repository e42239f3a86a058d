import { describe, expect, it } from 'vitest'
import { HttpMessages } from './http-messages.js'

const first = 'POST /ilp HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'
const second = 'HTTP/1.1 200 OK\r\ncontent-length:0\r\nDate: now\r\n\r\n'

/** The bodies of what comes in these pieces. */
function bodies(...chunks: string[]): string[] {
  const found: string[] = []
  const messages = new HttpMessages((bytes, _, bodyAt, end) =>
    found.push(bytes.toString('latin1', bodyAt, end)),
  )
  // One buffer for all, as a socket's reads have.
  const buffer = Buffer.alloc(1_000)
  for (const chunk of chunks) messages.push(buffer.subarray(0, buffer.write(chunk, 'latin1')))
  return found
}

describe('HttpMessages', () => {
  it('finds messages wherever the pieces end', () => {
    const whole = first + second + first
    for (let cut = 0; cut <= whole.length; cut++)
      expect(bodies(whole.slice(0, cut), whole.slice(cut))).toEqual(['hello', '', 'hello'])
    expect(bodies(...whole)).toEqual(['hello', '', 'hello'])
  })

  it('refuses a message without a Content-Length', () => {
    expect(() => bodies('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')).toThrow('no Content-Length')
  })
})
