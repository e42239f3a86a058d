import { describe, expect, it } from 'vitest'
import { type Lifecycle, lifecycle, sequence } from './index.js'

/** A part that writes down what happens to it. */
const part = (log: string[], name: string, steps: Partial<Lifecycle> = {}): Lifecycle => ({
  start: async () => {
    log.push(`start ${name}`)
    await steps.start?.()
  },
  stop: async () => {
    log.push(`stop ${name}`)
    await steps.stop?.()
  },
})

const failing = (message: string) => (): Promise<void> => Promise.reject(new Error(message))
const throwing = (message: string) => (): Promise<void> => {
  throw new Error(message)
}

describe('lifecycle', () => {
  it('starts and stops once, however often it is asked', async () => {
    const log: string[] = []
    const life = lifecycle(part(log, 'a'))
    const starts = [life.start(), life.start()]
    expect(starts[0]).toBe(starts[1])
    await Promise.all(starts)
    const stops = [life.stop(), life.stop(), life[Symbol.asyncDispose]()]
    expect(stops[0]).toBe(stops[1])
    await Promise.all(stops)
    expect(log).toEqual(['start a', 'stop a'])
  })

  it('does nothing before it is asked', () => {
    const log: string[] = []
    lifecycle(part(log, 'a'))
    sequence([part(log, 'b')])
    expect(log).toEqual([])
  })

  it('stops only after a start under way', async () => {
    const log: string[] = []
    const gate = opening()
    const life = lifecycle(
      part(log, 'a', {
        start: async () => {
          await gate.promise
          log.push('started a')
        },
      }),
    )
    const started = life.start()
    const stopped = life.stop()
    gate.resolve()
    await Promise.all([started, stopped])
    expect(log).toEqual(['start a', 'started a', 'stop a'])
  })

  it('stops after a start that failed', async () => {
    const log: string[] = []
    const life = lifecycle(part(log, 'a', { start: failing('no') }))
    await expect(life.start()).rejects.toThrow('no')
    await life.stop()
    expect(log).toEqual(['start a', 'stop a'])
  })

  it('can be stopped without a start, and is not started after that', async () => {
    const log: string[] = []
    const life = lifecycle(part(log, 'a'))
    await life.stop()
    await expect(life.start()).rejects.toThrow('started after it was stopped')
    expect(log).toEqual(['stop a'])
  })

  it('rejects, and does not throw, when a step throws', async () => {
    const life = lifecycle({ start: throwing('start'), stop: throwing('stop') })
    await expect(life.start()).rejects.toThrow('start')
    await expect(life.stop()).rejects.toThrow('stop')
  })

  it('ends with the block that holds it', async () => {
    const log: string[] = []
    {
      await using life = lifecycle(part(log, 'a'))
      await life.start()
    }
    expect(log).toEqual(['start a', 'stop a'])
  })
})

describe('sequence', () => {
  it('starts in order, one after another, and stops in reverse', async () => {
    const log: string[] = []
    const slow = (name: string) =>
      part(log, name, {
        start: async () => {
          await new Promise(setImmediate)
          log.push(`started ${name}`)
        },
        stop: async () => {
          await new Promise(setImmediate)
          log.push(`stopped ${name}`)
        },
      })
    const all = sequence([slow('a'), slow('b')])
    await all.start()
    await all.stop()
    expect(log).toEqual([
      ...['start a', 'started a', 'start b', 'started b'],
      ...['stop b', 'stopped b', 'stop a', 'stopped a'],
    ])
  })

  it('takes parts with no start, no stop, or neither', async () => {
    const log: string[] = []
    const { start } = part(log, 'a')
    const { stop } = part(log, 'b')
    const all = sequence([{ start }, {}, { stop }])
    await all.start()
    await all.stop()
    expect(log).toEqual(['start a', 'stop b'])
  })

  it('stops what it had begun when a start fails, the failed part too, and throws its error', async () => {
    const log: string[] = []
    const all = sequence([part(log, 'a'), part(log, 'b', { start: failing('b is broken') }), part(log, 'c')])
    await expect(all.start()).rejects.toThrow('b is broken')
    expect(log).toEqual(['start a', 'start b', 'stop b', 'stop a'])
    await all.stop()
    expect(log).toHaveLength(4)
  })

  it('throws the error of the start, also when a stop fails after it', async () => {
    const all = sequence([{ stop: failing('a is broken as well') }, { start: throwing('b is broken') }])
    await expect(all.start()).rejects.toThrow('b is broken')
  })

  it.each([
    ['rejects', failing],
    ['throws', throwing],
  ])('stops every part when a stop %s', async (_, broken) => {
    const log: string[] = []
    const all = sequence([
      part(log, 'a'),
      { stop: broken('b is broken') },
      part(log, 'c'),
      { stop: broken('d is broken') },
      part(log, 'e'),
    ])
    await all.start()
    const error = await all.stop().catch((error: unknown) => error)
    expect(log).toEqual(['start a', 'start c', 'start e', 'stop e', 'stop c', 'stop a'])
    expect(error).toBeInstanceOf(AggregateError)
    expect((error as AggregateError).errors.map(String)).toEqual(['Error: d is broken', 'Error: b is broken'])
  })

  it('throws the only failure as it is', async () => {
    const all = sequence([{ stop: failing('a is broken') }])
    await all.start()
    await expect(all.stop()).rejects.toThrow('a is broken')
  })

  it('stops nothing that was not started', async () => {
    const log: string[] = []
    const all = sequence([part(log, 'a')])
    await all.stop()
    expect(log).toEqual([])
  })
})

/** A promise and what resolves it. */
function opening() {
  let resolve = (): void => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}
