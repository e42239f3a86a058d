import { deepEqual, equal } from 'node:assert/strict'
import { ALICE, BOB } from './given.js'
import { answer, balanceOf, type Scene } from './scene.js'

interface Said {
  readonly answers: readonly string[]
  readonly tokens: number
}

export const askerCases = {
  'what 64 ask for with one key over four processes happens once, and all are answered alike': async (
    scene: Scene,
  ) => {
    const store = await scene.open()
    const funds = 2n ** 80n
    await store.adjustments.adjust({ key: 'funds', account: BOB, amount: funds, reason: 'funds' })
    const askers = await Promise.all(Array.from({ length: 4 }, () => scene.run('asker', /ready\./, '16')))
    const texts = await Promise.all(askers.map(asker => answer(asker, /answers (.*)\./)))
    const said = texts.map(text => JSON.parse(text) as Said)
    const all = said.flatMap(({ answers }) => answers)
    equal(all.length, 64)
    const [settlement, ...others] = await store.settlements.readOutbox()
    deepEqual(others, [])
    deepEqual([...new Set(all)], [`123 posted ${settlement?.key} ${funds - 1n}`])
    equal((await balanceOf(store, 'alice')).balance, 123n - funds)
    equal((await balanceOf(store, 'bob')).balance, 1n)
    equal((await store.adjustments.read(ALICE.id)).length, 1)
    deepEqual(await store.ledger.readPositions(), [
      { asset: ALICE.asset, balance: 0n, settled: funds - 1n - 123n, adjusted: 0n },
    ])
    // They wanted 192 tokens of a bucket that has 100.
    equal(
      said.reduce((sum, { tokens }) => sum + tokens, 0),
      100,
    )
  },
}
