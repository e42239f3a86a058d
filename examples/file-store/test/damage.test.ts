import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountId } from '@ilp/service-core'
import { createSecrets, type LedgerAccount } from '@ilp/store-traits'
import { expect, it, onTestFinished } from 'vitest'
import { createFileStore } from '../src/index.js'

const secrets = createSecrets(new Uint8Array(32).fill(7))
const ALICE: LedgerAccount = { id: accountId('alice'), asset: { code: 'USD', scale: 9 } }

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'file-store-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return directory
}

/** Adds so much to alice's balance, each in a run of its own, and returns what it is then. */
async function add(directory: string, ...amounts: readonly bigint[]): Promise<bigint> {
  const store = createFileStore({ directory, secrets })
  await store.start()
  for (const amount of amounts) {
    await store.adjustments.adjust({ key: `${amount}`, account: ALICE, amount, reason: 'test' })
  }
  const { balance } = await store.ledger.readBalance(ALICE.id)
  await store.stop()
  return balance
}

it('wherever the last line is torn, what was acknowledged before is there and nothing else', async () => {
  const directory = await folder()
  const file = join(directory, 'store.jsonl')
  expect(await add(directory, 1n, 20n)).toBe(21n)
  const before = await readFile(file)
  expect(await add(directory, 300n)).toBe(321n)
  const after = (await readFile(file, 'utf8')).trimEnd().split('\n').at(-1) as string
  for (let length = 0; length < after.length; length += 7) {
    await writeFile(file, before)
    await appendFile(file, after.slice(0, length))
    expect(await add(directory)).toBe(21n)
  }
})

it('a line that is damaged keeps it from starting, and the folder is free again', async () => {
  const directory = await folder()
  const file = join(directory, 'store.jsonl')
  await add(directory, 1n)
  const whole = await readFile(file, 'utf8')
  await writeFile(file, whole.replace('"', '!'))
  await expect(add(directory)).rejects.toMatchObject({ code: 'ERR_STORE_UNSAFE' })
  await writeFile(file, whole)
  expect(await add(directory)).toBe(1n)
})
