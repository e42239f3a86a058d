import { expect, test } from 'vitest'
import { payAhead } from '../example/usage.js'
import { startEngine } from './fake-engine.js'

test('the example pays ahead', async () => {
  const engine = await startEngine()
  expect(
    await payAhead(
      engine.url,
      engine.until(() => engine.settled.size === 1),
    ),
  ).toBe(-1_000n)
  expect(engine.total).toBe(1_000n)
})
