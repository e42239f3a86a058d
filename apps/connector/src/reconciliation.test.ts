import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordingLogger, testAccount } from '@ilp/service-testing'
import type { Transfer } from '@ilp/store-traits'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createReconciliation, ENTRIES_MAX } from './reconciliation.js'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ilp-reconciliation-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return join(path, 'journal')
}

const transfer = (amount: bigint): Transfer => ({
  from: testAccount('alice'),
  incomingAmount: amount,
  to: testAccount('bob'),
  amount: amount * 2n,
})

async function listIn(directory: string | undefined) {
  const logger = recordingLogger()
  const list = createReconciliation(directory, logger)
  onTestFinished(() => list.stop())
  await list.start()
  const amounts = () => list.list().map(({ incomingAmount }) => incomingAmount)
  return { list, logger, amounts }
}

describe('the list for reconciliation', () => {
  it('outlives a restart, with what was seen to gone', async () => {
    const directory = await folder()
    const first = await listIn(directory)
    for (const amount of [2n ** 64n, 2n, 3n]) first.list.reports.unbooked(transfer(amount))
    first.list.reports.postedLate(transfer(4n))
    const [, second] = first.list.list()
    expect(await first.list.settle(second?.id ?? '', 'paid by hand')).toBe(true)
    expect(await first.list.settle(second?.id ?? '', 'paid by hand')).toBe(false)
    await first.list.stop()
    const next = await listIn(directory)
    expect(next.list.list()).toEqual(first.list.list())
    expect(next.amounts()).toEqual([`${2n ** 64n}`, '3', '4'])
    expect(next.list.list()[2]).toMatchObject({ kind: 'posted-late', from: 'alice', to: 'bob', amount: '8' })
    next.list.reports.unbooked(transfer(5n))
    await next.list.stop()
    expect((await listIn(directory)).amounts()).toEqual([`${2n ** 64n}`, '3', '4', '5'])
  })

  it('forgets what was booked after all', async () => {
    const { list, amounts } = await listIn(undefined)
    const [one, other] = [transfer(1n), transfer(2n)]
    list.reports.unbooked(one)
    list.reports.unbooked(other)
    list.reports.recovered(one)
    expect(amounts()).toEqual(['2'])
    list.reports.recovered(transfer(2n))
    expect(amounts()).toEqual(['2'])
  })

  it('loses nothing to a process that died while it wrote', async () => {
    const directory = await folder()
    const first = await listIn(directory)
    first.list.reports.unbooked(transfer(1n))
    await first.list.stop()
    await appendFile(join(directory, 'reconciliation.jsonl'), '\n{"entry":{"id":"0')
    const next = await listIn(directory)
    next.list.reports.unbooked(transfer(2n))
    await next.list.stop()
    expect((await listIn(directory)).amounts()).toEqual(['1', '2'])
  })

  it('takes what comes before it is started', async () => {
    const directory = await folder()
    const first = await listIn(directory)
    first.list.reports.unbooked(transfer(1n))
    await first.list.stop()
    const list = createReconciliation(directory, recordingLogger())
    onTestFinished(() => list.stop())
    list.reports.unbooked(transfer(2n))
    await list.start()
    expect(list.list().map(({ incomingAmount }) => incomingAmount)).toEqual(['1', '2'])
  })

  it('keeps what two processes have found in the same millisecond', async () => {
    vi.useFakeTimers({ now: 0, toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const directory = await folder()
    for (const amount of [1n, 2n]) {
      const { list } = await listIn(directory)
      list.reports.unbooked(transfer(amount))
      await list.stop()
    }
    expect((await listIn(directory)).amounts().toSorted()).toEqual(['1', '2'])
  })

  it('is bounded, in memory and on the disk', async () => {
    const directory = await folder()
    const { list, logger } = await listIn(directory)
    for (let amount = 0; amount < ENTRIES_MAX + 5; amount++) list.reports.unbooked(transfer(BigInt(amount)))
    expect(list.size()).toBe(ENTRIES_MAX)
    expect(list.unlisted()).toBe(5)
    expect(logger.entries.filter(({ level }) => level === 'error')).toHaveLength(1)
    await list.stop()
    const lines = (await readFile(join(directory, 'reconciliation.jsonl'), 'utf8')).split('\n')
    expect(lines.filter(line => line !== '')).toHaveLength(ENTRIES_MAX)
  })
})
