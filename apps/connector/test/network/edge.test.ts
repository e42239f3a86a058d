import { checkOptions, createEdge } from '@ilp/edge'
import { silentLogger } from '@ilp/service-core'
import { freePorts } from '@ilp/test-peers'
import { expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.js'
import { outcome, send } from '../support/packets.js'
import { credentialsOf } from '../support/payments.js'
import { account, local, type Settings, usd } from '../support/settings.js'
import { balancesIn, emptyBooks, startLaptop } from './laptop.js'
import { expectSoundBooks, startNode } from './node.js'
import { destination, senderThrough } from './payer.js'

/** Both directions of a link over HTTP. */
const http = (self: string, other: string, url: string): Settings => ({
  incomingTokens: [`${other}-to-${self}`],
  outgoing: { url, token: `${self}-to-${other}` },
})

/** An edge in this process, before the hub, with the stall as its customer. */
async function startEdge(listen: string, hub: string, stall: string) {
  const books = emptyBooks()
  const options = checkOptions({
    ilpAddress: 'test.hub.edge',
    listen,
    asset: usd,
    secretSeed: '06'.repeat(32),
    upstream: { ...http('edge', 'hub', hub), minBalance: '-1000000' },
    accounts: [{ username: 'stall', ...http('edge', 'stall', stall), minBalance: '-1000000' }],
  })
  const edge = createEdge(options, { logger: silentLogger, books })
  onTestFinished(() => edge.stop())
  await edge.start()
  return () => balancesIn(books.ledger, 'upstream', 'stall')
}

it('a stall behind an edge over HTTP, and a laptop behind BTP, pay each other', async () => {
  const ports = await freePorts(3)
  const [atHub, atEdge, atStall] = ports.map(port => `127.0.0.1:${port}`) as [string, string, string]
  const post = (at: string) => `http://${at}/ilp`
  const edgeBalances = await startEdge(atEdge, post(atHub), post(atStall))
  const [hub, stall] = await Promise.all([
    startNode({
      ilpAddress: 'test.hub',
      listen: atHub,
      accounts: [account('laptop'), account('edge', { http: http('hub', 'edge', post(atEdge)) })],
    }),
    startNode({
      listen: atStall,
      accounts: [
        account('up', { relation: 'parent', btp: undefined, http: http('stall', 'edge', post(atEdge)) }),
        local('till'),
        account('keeper'),
      ],
    }),
  ])
  const laptop = await startLaptop(`${hub.face.btpUrl('laptop')}`)
  expect(await laptop.child.learned).toBe('test.hub.laptop')
  const keeper = await stall.face.plugin('keeper')
  await eventually(async () => outcome(await send(keeper, 'test.hub.edge.stall.till.x', 0n))).toBe('F06')

  const till = await credentialsOf(stall.face, 'till')
  expect(till.destinationAccount).toMatch(/^test\.hub\.edge\.stall\.till\./)
  const bought = await laptop.sender.pay({ ...destination(till), amount: { source: 70_007n } })
  const returned = await senderThrough(keeper).pay({
    ...destination(laptop.credentials()),
    amount: { source: 30_000n },
  })
  expect([bought.end, bought.delivered, returned.end, returned.delivered]).toEqual([
    'completed',
    70_007n,
    'completed',
    30_000n,
  ])
  // An address of no customer is answered here, and not sent round and round.
  expect(await send(keeper, 'test.hub.edge.nobody', 1n)).toMatchObject({
    code: 'F02',
    triggeredBy: 'test.hub.edge',
  })

  await expectSoundBooks(hub, stall)
  expect(await laptop.balances()).toEqual({ parent: 40_007n, me: -40_007n })
  expect(await hub.face.balances('laptop', 'edge')).toEqual({ laptop: -40_007n, edge: 40_007n })
  expect(await edgeBalances()).toEqual({ upstream: -40_007n, stall: 40_007n })
  expect(await stall.face.balances('up', 'till', 'keeper')).toEqual({
    up: -40_007n,
    till: 70_007n,
    keeper: -30_000n,
  })
})
