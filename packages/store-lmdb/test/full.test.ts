import { execFileSync } from 'node:child_process'
import { accountId } from '@ilp/service-core'
import { createSecrets } from '@ilp/store-traits'
import { describe, expect, it } from 'vitest'
import { createLmdbStore } from '../src/index.js'
import { compile, gone, start, temporaryFolder } from './process.js'

interface Stuck {
  readonly seq: number
}

describe('a disk that is full', () => {
  it('takes all of a batch or nothing, and takes it when there is room again', async () => {
    const directory = await temporaryFolder()
    const told: unknown[] = []
    let hear = () => {}
    const next = () => new Promise<void>(resolve => (hear = resolve))
    const child = start(
      await compile('full-program.ts'),
      [directory],
      message => {
        told.push(message)
        hear()
      },
      10_000,
    )
    await next()
    const { seq } = told[0] as Stuck
    expect(told[0]).toEqual({
      failed: 'ERR_STORE_UNAVAILABLE',
      seq,
      again: 'ERR_STORE_UNAVAILABLE',
      reads: 'ERR_STORE_UNAVAILABLE',
      puts: 'ERR_STORE_UNAVAILABLE',
      has: false,
    })
    expect(seq).toBeGreaterThan(10)

    execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited'])
    child.send('go on')
    await gone(child)
    const balance = -100n * BigInt(seq + 2)
    expect(told[1]).toEqual({ code: undefined, seq: seq + 3, balance, put: undefined })

    await using store = createLmdbStore({ directory, secrets: createSecrets(new Uint8Array(32)) })
    await store.start()
    expect((await store.ledger.readBalance(accountId('payer'))).balance).toBe(balance)
    for (const id of [`payee-${seq}-0`, `payee-${seq}-99`, `payee-${seq + 2}-99`]) {
      expect((await store.ledger.readBalance(accountId(id))).balance).toBe(1n)
    }
    expect((await store.ledger.readPositions())[0]?.balance).toBe(0n)
    expect(store.accounts.get(accountId('new'))).toBeDefined()
  })
})
