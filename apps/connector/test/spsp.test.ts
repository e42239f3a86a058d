/** Payment pointers of a connector, as `@ilp/spsp-client` asks them. */
import { randomBytes } from 'node:crypto'
import { createSpspClient } from '@ilp/spsp-client'
import { verifyReceipt } from '@ilp/stream-packet'
import { expect, it, onTestFinished } from 'vitest'
import { senderThrough } from './network/payer.js'
import { startConnector } from './support/connector.js'
import { account, local } from './support/settings.js'

/** A connector with two receivers, of which alice is the default; who asks it, and an account that pays them. */
async function start() {
  const node = await startConnector({
    ilpAddress: 'test.node',
    defaultReceiver: 'alice',
    accounts: [
      local('alice'),
      local('bob', { asset: { code: 'USD', scale: 6 } }),
      account('payer', { maxPacketAmount: '10000' }),
    ],
  })
  const client = createSpspClient(
    {},
    { allowHttp: true, allowPrivateAddresses: true, origins: { 'node.example': node.url } },
  )
  onTestFinished(() => client.stop())
  return { node, query: client.query, sender: senderThrough(await node.plugin('payer')) }
}

it.each([
  ['$node.example', 'alice', 1_234_000n],
  ['$node.example/accounts/alice/spsp', 'alice', 1_234_000n],
  ['$node.example/accounts/bob/spsp', 'bob', 1_234n],
])('%s of a connector is paid', async (pointer, receiver, delivered) => {
  const { node, query, sender } = await start()
  const answer = await query(pointer)
  expect(answer.hops.map(({ origin }) => origin)).toEqual([node.url])
  const result = await sender.pay({ ...answer, amount: { source: 1_234_000n } })
  expect(result).toMatchObject({
    end: 'completed',
    sent: 1_234_000n,
    delivered,
    unknown: 0n,
    receipt: undefined,
  })
  expect(await node.balances(receiver, 'payer')).toEqual({ [receiver]: delivered, payer: -1_234_000n })
})

it('a verifier gets receipts for what a sender has paid, which it relayed the query of', async () => {
  const { query, sender } = await start()
  const receipts = { nonce: randomBytes(16), secret: randomBytes(32) }
  const answer = await query('$node.example/accounts/bob/spsp', { receipts })
  expect(answer).toMatchObject({ receiptsEnabled: true, maxAgeMs: 0 })
  const totals: bigint[] = []
  const { delivered, receipt } = await sender.pay({
    ...answer,
    amount: { delivery: 5_000n },
    onProgress: progress => {
      const said = progress.receipt && verifyReceipt(progress.receipt, receipts.secret)
      if (said) totals.push(said.totalReceived)
    },
  })
  expect(delivered).toBe(5_000n)
  expect(receipt && verifyReceipt(receipt, receipts.secret)).toEqual({
    nonce: receipts.nonce,
    streamId: 1,
    totalReceived: 5_000n,
  })
  expect(receipt && verifyReceipt(receipt, randomBytes(32))).toBeUndefined()
  expect(totals.length).toBeGreaterThan(1)
  expect(totals).toEqual(totals.toSorted((one, other) => Number(one - other)))
})

it('a receiver that is not there is not paid', async () => {
  const { query } = await start()
  for (const name of ['carol', 'payer']) {
    await expect(query(`$node.example/accounts/${name}/spsp`)).rejects.toMatchObject({
      code: 'ERR_SPSP_RECEIVER_UNKNOWN',
    })
  }
})

it('each query has credentials of its own', async () => {
  const { query } = await start()
  const [one, other] = await Promise.all([query('$node.example'), query('$node.example')])
  expect(one.destinationAddress).not.toBe(other.destinationAddress)
  expect(one.sharedSecret).not.toEqual(other.sharedSecret)
  expect(one.maxAgeMs).toBe(60_000)
})
