import { expect, it } from 'vitest'
import { alternate } from './measurement.js'

it('lets both sides begin in turn, and keeps the figures of a round together', async () => {
  const order: string[] = []
  let ours = 0
  let peer = 100
  const results = await alternate(
    3,
    () => {
      order.push('ours')
      return ours++
    },
    async () => {
      order.push('peer')
      return peer++
    },
  )
  expect(order).toEqual(['ours', 'peer', 'peer', 'ours', 'ours', 'peer'])
  expect(results).toEqual({ ours: [0, 1, 2], peer: [100, 101, 102] })
})
