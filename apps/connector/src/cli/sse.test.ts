import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ServerEvent, serverEvents } from './sse.js'

async function read(chunks: readonly Uint8Array[]): Promise<ServerEvent[]> {
  const found: ServerEvent[] = []
  const stream = (async function* () {
    yield* chunks
  })()
  for await (const event of serverEvents(stream)) found.push(event)
  return found
}

const TEXT =
  ': listening\n\nevent: link\ndata: {"account":"bøb"}\n\n: still here\n\nevent: alert\ndata: a\ndata: b\n\n'
const EVENTS = [
  { event: 'link', data: '{"account":"bøb"}' },
  { event: 'alert', data: 'a\nb' },
]

describe('server-sent events', () => {
  it('are read however they are cut', async () => {
    const bytes = Buffer.from(TEXT)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async cuts => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        expect(await read(edges.slice(1).map((end, at) => bytes.subarray(edges[at], end)))).toEqual(EVENTS)
      }),
    )
  })

  it('are given up where one has no end', async () => {
    await expect(read([Buffer.alloc(1_048_577, 'x')])).rejects.toThrow('too long')
  })
})
