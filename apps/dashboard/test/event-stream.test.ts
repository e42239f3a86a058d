import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventsIn, type StreamEvent } from '../page/api/event-stream.js'
import { pause, pauseMs } from '../page/api/pause.js'

const streamOf = (pieces: readonly Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start: controller => {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })

async function all(pieces: readonly Uint8Array[]): Promise<readonly StreamEvent[]> {
  const events: StreamEvent[] = []
  for await (const event of eventsIn(streamOf(pieces))) events.push(event)
  return events
}

describe('a stream of events', () => {
  it('is read whole, wherever it is cut into pieces', async () => {
    const text =
      ': listening\n\nevent: link\ndata: {"account":"bob"}\n\nevent: alert\ndata: {"message":"ä🪙"}\n\n'
    const bytes = new TextEncoder().encode(text)
    const expected = [
      { event: '', data: '' },
      { event: 'link', data: '{"account":"bob"}' },
      { event: 'alert', data: '{"message":"ä🪙"}' },
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async cuts => {
        const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length]
        const pieces = places.slice(1).map((end, index) => bytes.slice(places[index], end))
        expect(await all(pieces)).toEqual(expected)
      }),
    )
  })

  it('is given up when an event has no end', async () => {
    const pieces = Array.from({ length: 20 }, () => new Uint8Array(65_536).fill(120))
    await expect(all(pieces)).rejects.toThrow(RangeError)
  })
})

describe('the pauses between tries', () => {
  it('grow to a limit, and differ', () => {
    expect([0, 1, 2, 3].map(failures => pauseMs(failures, () => 1))).toEqual([500, 1_000, 2_000, 4_000])
    expect(pauseMs(1_000, () => 1)).toBe(4_000)
    expect(pauseMs(0, () => 0)).toBe(250)
  })

  it('end at once with the signal', async () => {
    const over = new AbortController()
    const paused = pause(1_000_000, over.signal)
    over.abort()
    await paused
    await pause(1_000_000, over.signal)
  })
})
