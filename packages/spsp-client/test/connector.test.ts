import { randomBytes } from 'node:crypto'
import { type Connector, checkConfig, createConnector } from '@ilp/connector'
import { type HttpClientAccount, httpClient } from '@ilp/http-client'
import {
  type IncomingRequest,
  type OutgoingRequest,
  type Service,
  stack,
  unreachable,
} from '@ilp/service-core'
import { recordingLogger, testAccount } from '@ilp/service-testing'
import { verifyReceipt } from '@ilp/stream-packet'
import { streamSender } from '@ilp/stream-sender'
import { expect, it, onTestFinished } from 'vitest'
import { client, LOCAL } from './endpoint.js'

const TOKEN = 'token-of-payer'
const ADMIN_TOKEN = 'token-of-the-operator'

/** A connector with two receivers, of which alice is the default, and an account that pays over HTTP. */
async function startConnector(): Promise<Connector> {
  const asset = { code: 'USD', scale: 9 }
  const connector = createConnector(
    checkConfig({
      ilpAddress: 'test.node',
      listen: '127.0.0.1:0',
      adminListen: '127.0.0.1:0',
      adminToken: ADMIN_TOKEN,
      secretSeed: '42'.repeat(32),
      defaultReceiver: 'alice',
      accounts: [
        { username: 'alice', relation: 'local', asset },
        { username: 'bob', relation: 'local', asset: { code: 'USD', scale: 6 } },
        {
          username: 'payer',
          relation: 'child',
          asset,
          minBalance: '-1000000000',
          maxPacketAmount: '10000',
          http: { incomingTokens: [TOKEN] },
        },
      ],
    }),
    { logger: recordingLogger() },
  )
  onTestFinished(() => connector.stop())
  await connector.start()
  return connector
}

async function balanceOf(connector: Connector, username: string): Promise<string> {
  const response = await fetch(`${connector.adminUrl()}/accounts/${username}/balance`, {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  })
  return ((await response.json()) as { balance: string }).balance
}

/** The payer's own node, which has one link: posts packets to the connector. */
async function payerNode(connector: Connector) {
  const to = testAccount('connector', { http: { outgoingUrl: `${connector.url()}/ilp` } })
  const links = stack<OutgoingRequest<HttpClientAccount>>()
    .use(httpClient({ credentials: { outgoingToken: () => TOKEN }, address: () => 'test.payer' }))
    .around({
      ready: () => Promise.resolve(),
      call: () => Promise.resolve(unreachable('test.payer', 'there is no such link')),
    })
  onTestFinished(() => links.stop())
  await links.start()
  const service: Pick<Service<IncomingRequest>, 'call'> = {
    call: ({ from, prepare }) => links.call({ from, to, prepare, incomingAmount: prepare.units }),
  }
  return streamSender({ service, from: testAccount('payer') })
}

async function start() {
  const connector = await startConnector()
  const { query } = client({ ...LOCAL, origins: { 'node.example': connector.url() } })
  return { connector, query, sender: await payerNode(connector) }
}

it.each([
  ['$node.example', 'alice', 1_234_000n],
  ['$node.example/accounts/alice/spsp', 'alice', 1_234_000n],
  ['$node.example/accounts/bob/spsp', 'bob', 1_234n],
])('%s of a connector is paid', async (pointer, receiver, delivered) => {
  const { connector, query, sender } = await start()
  const answer = await query(pointer)
  expect(answer.hops.map(({ origin }) => origin)).toEqual([connector.url()])
  const result = await sender.pay({ ...answer, amount: { source: 1_234_000n } })
  expect(result).toMatchObject({
    end: 'completed',
    sent: 1_234_000n,
    delivered,
    unknown: 0n,
    receipt: undefined,
  })
  expect(await balanceOf(connector, receiver)).toBe(`${delivered}`)
  expect(await balanceOf(connector, 'payer')).toBe('-1234000')
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
