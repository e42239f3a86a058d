import { expect, test } from 'vitest'
import { countOnePacket } from '../example/usage.js'

test('the example counts its packet', async () => {
  expect(await countOnePacket()).toEqual([
    'ilp_packets_total{account="alice",direction="incoming",outcome="fulfilled"} 1',
    'ilp_fulfilled_units_total{account="alice",direction="incoming"} 100',
  ])
})
