import { FrameType } from '@ilp/stream-packet'
import { expect, test } from 'vitest'
import { chain, invoice, paid } from '../example/usage.js'
import { Sender } from '../test/sender.js'

test('the example is paid two invoices', async () => {
  for (const [id, amount] of [
    ['invoice 1', 100n],
    ['invoice 2', 250n],
  ] as const) {
    const frames = [{ type: FrameType.StreamMoney, streamId: 1n, shares: 1n }]
    await expect(new Sender(chain, invoice(id)).send({ amount, frames })).resolves.toMatchObject({
      code: 'fulfilled',
    })
  }
  expect(paid).toEqual(
    new Map([
      ['invoice 1', 100n],
      ['invoice 2', 250n],
    ]),
  )
})
