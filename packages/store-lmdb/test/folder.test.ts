import { mkdir, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accountId } from '@ilp/service-core'
import {
  createSecrets,
  ENDED_SESSION_KEPT_MS,
  SETTLEMENT_KEY_KEPT_MS,
  type SessionId,
} from '@ilp/store-traits'
import { describe, expect, it } from 'vitest'
import { Disk, type Row } from '../src/disk.js'
import { createLmdbStore } from '../src/index.js'
import { keyOf } from '../src/keys.js'
import { type Migration, migrate, versionRow } from '../src/schema.js'
import { compile, gone, start, temporaryFolder } from './process.js'

const secrets = createSecrets(new Uint8Array(32))
const storeIn = (directory: string) => createLmdbStore({ directory, secrets })
const row = (name: string, value: string | undefined): Row => ({
  key: keyOf('t', name),
  value: () => (value === undefined ? undefined : Buffer.from(value)),
})

/** Writes rows into a folder that no store has open. */
async function write(directory: string, rows: readonly Row[]): Promise<void> {
  await mkdir(directory, { recursive: true })
  const disk = await Disk.open(directory)
  await disk.write(rows)
  await disk.close()
}

describe('the folder', () => {
  it('is made with those above it', async () => {
    const directory = join(await temporaryFolder(), 'a', 'b')
    const store = storeIn(directory)
    await store.start()
    await store.stop()
    expect((await stat(join(directory, 'data.mdb'))).isFile()).toBe(true)
  })

  it('belongs to one process at a time', async () => {
    const directory = await temporaryFolder()
    const program = await compile('lock-program.ts')
    const openElsewhere = async () => {
      const told: unknown[] = []
      await gone(start(program, [directory], message => void told.push(message)))
      return told
    }
    const store = storeIn(directory)
    await store.start()
    expect(await openElsewhere()).toEqual(['ERR_DIRECTORY_LOCKED'])
    await expect(storeIn(directory).start()).rejects.toMatchObject({ code: 'ERR_DIRECTORY_LOCKED' })
    await store.address.set('test.alice')
    await store.stop()
    expect(await openElsewhere()).toEqual(['open'])
  })

  it('is refused, and left unlocked, where it is none', async () => {
    const path = join(await temporaryFolder(), 'file')
    await writeFile(path, '')
    for (let i = 0; i < 2; i++) {
      await expect(storeIn(path).start()).rejects.toMatchObject({
        code: 'ERR_STORE_UNAVAILABLE',
        message: expect.stringContaining(`${path} can't be opened: EEXIST`),
      })
    }
  })

  it.each([
    ['of something else', Buffer.alloc(100_000, 'x')],
    ['of zeros', Buffer.alloc(8_192)],
    ['that ends at once', Buffer.alloc(10)],
  ])('is refused with a file %s', async (_, content) => {
    const directory = await temporaryFolder()
    await writeFile(join(directory, 'data.mdb'), content)
    for (let i = 0; i < 2; i++) {
      await expect(storeIn(directory).start()).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    }
  })

  it('is refused with a file that was cut short', async () => {
    const directory = await temporaryFolder()
    await write(directory, [versionRow(1), row('test.a', 'x'.repeat(100_000))])
    await truncate(join(directory, 'data.mdb'), 16_384)
    await expect(storeIn(directory).start()).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
      cause: new Error('data.mdb was cut short'),
    })
  })

  it('is refused with the data of another program', async () => {
    const directory = await temporaryFolder()
    await write(directory, [row('of another', 'program')])
    await expect(storeIn(directory).start()).rejects.toMatchObject({ code: 'ERR_STORE_UNSAFE' })
  })

  it('grows with what it holds', async () => {
    const directory = await temporaryFolder()
    const store = storeIn(directory)
    await store.start()
    const notes = 'n'.repeat(1_000_000)
    for (let i = 0; i < 12; i++) {
      const id = accountId(`a${i}`)
      await store.accounts.put({ id, username: id, asset: { code: 'USD', scale: 2 }, notes } as never)
    }
    await store.stop()
    await using again = storeIn(directory)
    await again.start()
    expect(again.accounts.all()).toHaveLength(12)
    expect(again.accounts.get(accountId('a7'))).toMatchObject({ notes })
  })
})

describe('the sessions of a folder', () => {
  it('run out by the clock while it is closed, and are forgotten when they have long been ended', async () => {
    const directory = await temporaryFolder()
    const clock = { ms: 1_800_000_000_000.5 }
    const open = async () => {
      const store = createLmdbStore({ directory, secrets, nowMs: () => clock.ms })
      await store.start()
      return store
    }
    const terms = { leaseMs: 1_000, holdMaxMs: 2_000 }
    const former = await open()
    const session = await former.ledger.openSession(terms)
    await former.stop()
    clock.ms += 3_001
    const { ledger, stop } = await open()
    expect(await ledger.renewSession(session)).toBe('ended')
    expect(await ledger.endExpiredSessions()).toEqual([session])
    clock.ms += ENDED_SESSION_KEPT_MS - 2
    await ledger.openSession(terms)
    expect(await ledger.renewSession(session)).toBe('ended')
    clock.ms += 3
    await ledger.openSession(terms)
    await stop()
    await using last = await open()
    await expect(last.ledger.renewSession(session)).rejects.toMatchObject({ code: 'ERR_SESSION_UNKNOWN' })
  })
})

describe('the keys of incoming settlements', () => {
  it('leave the folder some time after their day is over', async () => {
    const directory = await temporaryFolder()
    const clock = { ms: 1_800_000_000_000 }
    const credit = async (key: string) => {
      await using store = createLmdbStore({ directory, secrets, nowMs: () => clock.ms })
      await store.start()
      const account = { id: accountId('bob'), asset: { code: 'USD', scale: 9 } }
      await store.settlements.credit({ key, account, quantity: { amount: 1n, scale: 10 } })
    }
    const keys = async () => {
      const disk = await Disk.open(directory)
      const names = [...disk.read('k')].map(([name]) => name)
      await disk.close()
      return names
    }
    await credit('one')
    await credit('two')
    clock.ms += SETTLEMENT_KEY_KEPT_MS
    await credit('two')
    clock.ms += 1
    await credit('three')
    expect(await keys()).toEqual(['three', 'two'])
  })
})

describe('a folder of version 1', () => {
  const at = '0601a3185c5000'
  /** As the first version wrote it: a row's key, and its value in hexadecimal digits. */
  const FORMER: Readonly<Record<string, string>> = {
    v: '00000001',
    'p9 USD': '0105',
    'p2 EUR': '0100',
    bbob: `0109${'053920555344'}`,
    bcarol: `0103${'053920555344'}`,
    sAAAAAAAAAAAAAAAAAAAAAA: `021388${'0288b8'}${at}${'0100'}${'0107'}${'000102'}`,
    hAAAAAAAAAAAAAAAAAAAAAAbob: '01050100',
    'ttest.bob': Buffer.from('bob').toString('hex'),
  }

  it('is opened with all that it has, once and once more', async () => {
    const directory = await temporaryFolder()
    const former = Object.entries(FORMER).map(([key, value]): Row => {
      const bytes = Buffer.from(value, 'hex')
      return { key: Buffer.from(key), value: () => bytes }
    })
    await write(directory, former)
    for (let i = 0; i < 2; i++) {
      await using store = createLmdbStore({ directory, secrets, nowMs: () => 1_800_000_000_001 })
      await store.start()
      expect(await store.ledger.readPositions()).toEqual([
        { asset: { code: 'EUR', scale: 2 }, balance: 0n, settled: 0n, adjusted: 0n },
        { asset: { code: 'USD', scale: 9 }, balance: -3n, settled: 0n, adjusted: 0n },
      ])
      expect(await store.ledger.readBalance(accountId('bob'))).toEqual({
        balance: -5n,
        heldOut: 5n,
        heldIn: 0n,
      })
      const session = 'AAAAAAAAAAAAAAAAAAAAAA' as SessionId
      expect(await store.ledger.apply(session, 7, [])).toEqual(['done', 'done'])
      expect(store.routes.all()).toEqual([{ prefix: 'test.bob', account: 'bob' }])
      expect(await store.settlements.readOutbox()).toEqual([])
      expect(await store.adjustments.read(accountId('bob'))).toEqual([])
      expect(store.rates.get()).toBeUndefined()
    }
  })
})

describe('the schema', () => {
  const migrations: readonly Migration[] = [
    () => [row('a', '1')],
    disk => [...disk.read('t')].map(([name, value]) => row(name, `${value}+2`)),
    () => [row('b', '3')],
  ]
  /** What a folder of a version holds when it has been brought to the third. */
  async function migrated(from: number): Promise<string[]> {
    const disk = await Disk.open(await temporaryFolder())
    await migrate(disk, migrations.slice(0, from))
    await migrate(disk, migrations)
    await migrate(disk, migrations)
    const rows = [...disk.read('t')].map(([name, value]) => `${name}: ${value}`)
    await disk.close()
    return rows
  }

  it.each([0, 1, 2, 3])('is brought up from version %d, each step once', async from => {
    expect(await migrated(from)).toEqual(['a: 1+2', 'b: 3'])
  })

  it('stays where a step fails, to be brought up later', async () => {
    const disk = await Disk.open(await temporaryFolder())
    const failing: Migration = () => {
      throw new Error('not today')
    }
    await expect(migrate(disk, [...migrations.slice(0, 2), failing])).rejects.toThrow('not today')
    await migrate(disk, migrations)
    expect([...disk.read('t')].map(([name]) => name)).toEqual(['a', 'b'])
    await disk.close()
  })

  it('of a newer program is refused, and nothing is changed', async () => {
    const directory = await temporaryFolder()
    await write(directory, [versionRow(1_000), row('test.a', 'alice')])
    await expect(storeIn(directory).start()).rejects.toMatchObject({
      code: 'ERR_STORE_TOO_NEW',
      message: expect.stringContaining('version 1000'),
    })
    await write(directory, [versionRow(1)])
    await using store = storeIn(directory)
    await store.start()
    expect(store.routes.all()).toEqual([{ prefix: 'test.a', account: 'alice' }])
  })
})
