import { accountId } from '@ilp/service-core'
import { expect, test } from 'vitest'
import { createSecrets } from '../secrets.js'
import { AccountTable } from './account-table.js'
import { TokenTable, tokenReader } from './token-table.js'

const [ALICE, BOB] = [accountId('alice'), accountId('bob')]
const asset = { code: 'USD', scale: 9 }
const secretsOf = (fill: number, former: readonly Uint8Array[] = []) =>
  createSecrets(new Uint8Array(32).fill(fill), former)

test('accounts are judged by those that are there, and nothing changes by that', () => {
  const table = new AccountTable()
  const alice = { id: ALICE, username: 'alice', asset }
  table.set(alice)
  expect(table.judge({ ...alice, username: 'alicia' })).toBe('stored')
  expect(table.judge({ ...alice, asset: { ...asset, scale: 2 } })).toBe('asset-fixed')
  expect(table.judge({ id: BOB, username: 'alice', asset })).toBe('username-taken')
  expect(table.all()).toEqual([alice])
  table.set({ ...alice, username: 'alicia' })
  expect([table.byUsername('alice'), table.byUsername('alicia')?.id]).toEqual([undefined, ALICE])
  table.retire(ALICE)
  expect([table.get(ALICE), table.byUsername('alicia'), table.judge(alice)]).toEqual([
    undefined,
    undefined,
    'id-retired',
  ])
})

test('tokens are told of when they go, for the links that had some', () => {
  const table = new TokenTable()
  const told: unknown[] = []
  table.feed.subscribe(({ link }) => told.push(link, table.ownerOf('btp', 'hash')))
  table.set(ALICE, 'btp', { incoming: ['hash'] })
  table.set(ALICE, 'http', { incoming: [], outgoing: 'sealed' })
  table.set(ALICE, 'http', { incoming: [] })
  expect(table.isTaken(['hash'], BOB)).toBe(true)
  const announce = table.remove(ALICE)
  expect(told).toEqual([])
  announce()
  expect(told).toEqual(['btp', undefined])
  expect(table.isTaken(['hash'], BOB)).toBe(false)
})

test('tokens are read under the secret of now and under former ones', () => {
  const table = new TokenTable()
  const before = tokenReader(table, secretsOf(1))
  const incoming = before.hash(ALICE, ['incoming']) ?? []
  table.set(ALICE, 'btp', { incoming, outgoing: before.seal(ALICE, 'btp', 'outgoing') })
  const now = tokenReader(table, secretsOf(2, [new Uint8Array(32).fill(1)]))
  for (let i = 0; i < 2; i++) {
    expect(now.authenticate('btp', 'incoming')).toBe(ALICE)
    expect(now.outgoingToken(ALICE, 'btp')).toBe('outgoing')
  }
  expect(now.authenticate('http', 'incoming')).toBeUndefined()
  expect(now.hash(BOB, ['new', 'incoming'])).toBeUndefined()
  expect(tokenReader(table, secretsOf(3)).authenticate('btp', 'incoming')).toBeUndefined()
})
