import { accountId } from '@ilp/service-core'
import { expect, test } from 'vitest'
import { TestPort } from '../test/test-port.js'
import { announcingLinks, createBtpPool } from './index.js'

test('links are told of when they come up, and when the account has lost its last one', async () => {
  const told: string[] = []
  const pool = announcingLinks(createBtpPool({ address: () => 'test.node' }), {
    linkUp: account => told.push(`${account} up`),
    linkDown: account => told.push(`${account} down`),
  })
  const alice = accountId('alice')
  const [first, second] = [pool.add(alice, new TestPort()), pool.add(alice, new TestPort())]
  expect(told).toEqual(['alice up', 'alice up'])
  first.close()
  await first.closed
  expect(told).toEqual(['alice up', 'alice up'])
  second.close()
  await second.closed
  expect(told).toEqual(['alice up', 'alice up', 'alice down'])
  await pool.stop()
})
