import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '@ilp/test-peers'
import { expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.js'
import { tokenOf } from '../support/face.js'
import { outcome, send } from '../support/packets.js'
import { credentialsOf } from '../support/payments.js'
import { account, dialled, local } from '../support/settings.js'
import { startLaptop } from './laptop.js'
import { expectAgreement, expectSoundBooks, type Node, startNode } from './node.js'
import { destination, senderThrough } from './payer.js'

it('a parent gives its children their addresses, and others when it gets another itself', async () => {
  const [port] = await freePorts(1)
  const folder = await mkdtemp(join(tmpdir(), 'ilp-family-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const startParent = (ilpAddress: string): Promise<Node> =>
    startNode({
      ilpAddress,
      listen: `127.0.0.1:${port}`,
      store: `lmdb:${folder}`,
      leaseMs: 500,
      accounts: [account('one'), account('two'), account('laptop'), local('till')],
    })
  const startChild = (self: string): Promise<Node> =>
    startNode({
      accounts: [
        account('up', {
          relation: 'parent',
          http: undefined,
          btp: dialled(`ws://127.0.0.1:${port}/btp`, tokenOf(self)),
        }),
        local('shop'),
        account('customer'),
      ],
    })
  // The parent first: the pauses between the children's attempts are short when it is gone.
  const parent = await startParent('test.old')
  const [one, two] = await Promise.all([startChild('one'), startChild('two')])
  const laptop = await startLaptop(parent.face.btpUrl())
  const customer = await one.face.plugin('customer')

  /** Each pays one of the others: the child's customer the laptop, the laptop the other child, and that one the parent. */
  const payAround = async (at: string, parentNow: Node) => {
    await eventually(laptop.child.address).toBe(`${at}.laptop`)
    for (const name of ['one', 'two']) {
      await eventually(async () => outcome(await send(customer, `${at}.${name}.shop.x`, 0n))).toBe('F06')
    }
    const ends = [
      await senderThrough(customer).pay({
        ...destination(laptop.credentials()),
        amount: { source: 30_000n },
      }),
      await laptop.sender.pay({
        ...destination(await credentialsOf(two.face, 'shop')),
        amount: { source: 20_000n },
      }),
      await senderThrough(await two.face.plugin('customer')).pay({
        ...destination(await credentialsOf(parentNow.face, 'till')),
        amount: { source: 7_001n },
      }),
    ]
    expect(ends.map(({ end, delivered }) => [end, delivered])).toEqual(
      [30_000n, 20_000n, 7_001n].map(units => ['completed', units]),
    )
  }

  await payAround('test.old', parent)
  parent.face.signal('SIGTERM')
  expect(await parent.face.ended()).toBe(0)
  const moved = await startParent('test.new')
  await payAround('test.new', moved)
  expect(outcome(await send(customer, 'test.old.two.shop.x', 0n))).toBe('F02')

  expect(await moved.face.balances('one', 'two', 'laptop', 'till')).toEqual({
    one: -60_000n,
    two: 40_000n - 14_002n,
    laptop: 60_000n - 40_000n,
    till: 14_002n,
  })
  await expectSoundBooks(moved, one, two)
  await expectAgreement([moved, 'one'], [one, 'up'])
  await expectAgreement([moved, 'two'], [two, 'up'])
  expect(await laptop.balances()).toEqual({ parent: -20_000n, me: 20_000n })
})
