import type { Asset } from '@ilp/service-core'
import { freePorts } from '@ilp/test-peers'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { exchanged, type Terms } from '../support/exchange.js'
import { outcome, send } from '../support/packets.js'
import { credentialsOf, payByStream } from '../support/payments.js'
import { account, dialled, local, type Settings } from '../support/settings.js'
import { expectAgreement, expectSoundBooks, type Node, startNode } from './node.js'
import { destination, recordFulfilled, senderThrough } from './payer.js'

const asset = (code: string, scale: number): Asset => ({ code, scale })

/**
 * payer ─▶ a ─▶ b ─▶ c ─▶ d ─▶ e ─▶ shop: up to c, who is the parent of b and d, and down again. Each has prices of its
 * own, and an own spread.
 */
const NODES: readonly { readonly ilpAddress: string; readonly terms: Terms }[] = [
  { ilpAddress: 'test.c.b.a', terms: { rates: { USD: '1', EUR: '1.0837' }, spread: '0.0011' } },
  { ilpAddress: 'test.c.b', terms: { rates: { USD: '1', EUR: '1.0841' }, spread: '0' } },
  { ilpAddress: 'test.c', terms: { rates: { EUR: '1.09', XRP: '0.517' }, spread: '0.0003' } },
  { ilpAddress: 'test.c.d', terms: { rates: { EUR: '1', XRP: '0.4731' }, spread: '0.002' } },
  { ilpAddress: 'test.c.d.e', terms: { rates: { USD: '0.92', EUR: '1.0' }, spread: '0.00005' } },
]

/** From the payer's link to the shop: what each of them is counted in. */
const ASSETS = [
  asset('USD', 9),
  asset('USD', 6),
  asset('EUR', 8),
  asset('XRP', 6),
  asset('EUR', 7),
  asset('USD', 8),
]

/** What comes out at the end of the chain, and in between, of so many units of the payer's. */
function amounts(units: bigint): bigint[] {
  const found = [units]
  NODES.forEach(({ terms }, i) => {
    const [numerator, denominator] = exchanged(
      found[i] as bigint,
      ASSETS[i] as Asset,
      ASSETS[i + 1] as Asset,
      terms,
    )
    found.push(numerator / denominator)
  })
  return found
}

/** The five, each with the account `back` towards the payer and `on` towards the shop. */
async function startChain(): Promise<readonly Node[]> {
  const ports = await freePorts(NODES.length)
  const top = 2
  const nodes: Node[] = []
  // Parents first: nobody waits long for the next attempt.
  for (const distance of [0, 1, 2]) {
    const started = NODES.map(async ({ ilpAddress, terms }, i) => {
      if (Math.abs(i - top) !== distance) return
      // Children dial their parent.
      const link = (username: 'back' | 'on', other: number): Settings => {
        const isParent = Math.abs(other - top) < Math.abs(i - top)
        const name = username === 'back' ? `${other}-on` : `${other}-back`
        const url = `ws://127.0.0.1:${ports[other]}/btp`
        return account(username, {
          relation: isParent ? 'parent' : 'child',
          ilpAddress: isParent ? undefined : NODES[other]?.ilpAddress,
          asset: ASSETS[username === 'back' ? i : i + 1],
          http: undefined,
          btp: isParent ? dialled(url, name) : { incomingTokens: [`${i}-${username}`] },
        })
      }
      nodes[i] = await startNode({
        ilpAddress,
        listen: `127.0.0.1:${ports[i]}`,
        exchangeRates: { provider: 'static', ...terms },
        accounts: [
          i === 0 ? account('back', { asset: ASSETS[0] }) : link('back', i - 1),
          i === NODES.length - 1 ? local('on', { asset: ASSETS.at(-1) }) : link('on', i + 1),
        ],
      })
    })
    await Promise.all(started)
  }
  return nodes
}

describe('five connectors in a row, with three assets', () => {
  it('deliver what an exact model of their rates says, packet by packet', async () => {
    const nodes = await startChain()
    const [first, last] = [nodes[0] as Node, nodes.at(-1) as Node]
    const probe = await first.face.plugin('back')
    await eventually(async () => outcome(await send(probe, 'test.c.d.e.on', 1_000_000n))).toBe('F06')

    const npm = await first.face.plugin('back')
    const paidByNpm = recordFulfilled(npm)
    const paid = await payByStream(npm, await credentialsOf(last.face, 'on'), 1_234_567_891n)

    const paidByOurs = recordFulfilled(probe)
    const { end, sent, delivered } = await senderThrough(probe).pay({
      ...destination(await credentialsOf(last.face, 'on')),
      amount: { source: 9_876_543_210n },
    })
    expect(end).toBe('completed')

    const flows = [...paidByNpm, ...paidByOurs].map(amounts)
    const total = (i: number) => flows.reduce((sum, flow) => sum + (flow[i] as bigint), 0n)
    expect(paid.sent + sent).toBe(total(0))
    expect(paid.delivered + delivered).toBe(total(NODES.length))
    expect(sent).toBe(9_876_543_210n)
    for (const [i, { face }] of nodes.entries()) {
      expect(await face.balances('back', 'on')).toEqual({ back: -total(i), on: total(i + 1) })
    }
    await expectSoundBooks(...nodes)
    for (const [i, node] of nodes.slice(1).entries()) {
      await expectAgreement([nodes[i] as Node, 'on'], [node, 'back'])
    }
  })
})
