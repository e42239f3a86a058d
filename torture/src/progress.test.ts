import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { openProgress, type Settings } from './progress.js'
import { report } from './report.js'
import { STORES } from './stores.js'
import type { Leg } from './torture.js'

const SETTINGS: Settings = { seed: '7', stores: ['lmdb'], kills: 20, serverKills: 0 }
const NO_ACTS = {
  'server kill': 0,
  pause: 0,
  'server pause': 0,
  'link cut': 0,
  'store cut': 0,
  'endpoint cut': 0,
  restart: 0,
}

const leg = (number: number): Leg => ({
  leg: number,
  durationMs: 90_000,
  acts: { ...NO_ACTS, kill: 10 },
  packets: 600,
  fulfilled: 500,
  underWayAtActs: 40,
  lost: [{ packet: 31, lane: 0, link: 1, amount: 2n ** 60n, cause: 'kill of n1a' }],
  rare: { 'the journal was replayed': 2 },
})

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ilp-torture-'))
  onTestFinished(() => rm(folder, { recursive: true }))
})

it('a run goes on where it was stopped, with the settings that it began with', async () => {
  const first = await openProgress(folder, SETTINGS)
  await first.add('lmdb', leg(0))
  const second = await openProgress(folder, { ...SETTINGS, seed: 'another' })
  expect(second.settings).toEqual(SETTINGS)
  await second.add('lmdb', leg(1))
  const { legs } = await openProgress(folder, SETTINGS)
  expect(legs.map(({ store, lost, leg: number }) => [store, number, lost[0]?.amount])).toEqual([
    ['lmdb', 0, 2n ** 60n],
    ['lmdb', 1, 2n ** 60n],
  ])
})

it('a leg that was being written when the run was killed is done again', async () => {
  const first = await openProgress(folder, SETTINGS)
  await first.add('lmdb', leg(0))
  await appendFile(join(folder, 'legs.jsonl'), '{"leg":1,"dur')
  const second = await openProgress(folder, SETTINGS)
  expect(second.legs).toHaveLength(1)
  await second.add('lmdb', leg(1))
  expect((await openProgress(folder, SETTINGS)).legs).toHaveLength(2)
})

it('the record has the totals, and each packet that only the next hop has booked', async () => {
  const { legs, add } = await openProgress(folder, SETTINGS)
  await add('lmdb', leg(0))
  await add('lmdb', leg(1))
  const everysec = {
    kills: 5,
    acknowledged: 1_000,
    killsWithLoss: 2,
    lost: 70,
    lostMax: 50,
    lostMsMax: 900,
    lastSecondMax: 400,
  }
  const text = report({
    settings: SETTINGS,
    stores: STORES,
    legs,
    everysec: { appendFsync: 'everysec', ...everysec },
    machine: { Node: 'v1' },
  })
  expect(text).toContain('| connectors killed (SIGKILL) | 20 |')
  expect(text).toContain('| packets sent | 1,200 |')
  expect(text).toContain('| duration | 3 min |')
  expect(text).toContain('- leg 1, kill of n1a: #31 on link 1: 1152921504606846976 EUR/9\n')
  expect(text).toContain('“the journal was replayed”: 4')
  expect(text).toContain('lost 70 in 2 of the kills, at most 50 at once')
  expect(text).toContain('| Node | v1 |')
})
