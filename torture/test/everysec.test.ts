import { expect, it } from 'vitest'
import { measureLosses } from '../src/everysec.js'

it('a Redis server with appendfsync always has every commit that it acknowledged when it was killed', async () => {
  const { acknowledged, lost } = await measureLosses('always', 2, 'test')
  expect(acknowledged).toBeGreaterThan(0)
  expect(lost).toBe(0)
})
