import { testAccount, testPrepare } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { unreachable } from './unreachable.js'

const from = testAccount('alice')
const service = unreachable({ address: () => 'test.node' })
const callTo = (to: typeof from) => service.call({ from, to, prepare: testPrepare(), incomingAmount: 100n })

test.each(['parent', 'peer', 'child'] as const)(
  'a %s without a link is out of reach for now',
  async relation => {
    expect(await callTo(testAccount('bob', { relation }))).toMatchObject({
      code: 'T01',
      triggeredBy: 'test.node',
    })
  },
)

test('an address of this node that nobody receives at is wrong for good', async () => {
  expect(await callTo(testAccount('self', { relation: 'local' }))).toMatchObject({
    code: 'F02',
    triggeredBy: 'test.node',
  })
})

test('the end of a chain is always ready', async () => {
  await expect(service.ready()).resolves.toBeUndefined()
})
