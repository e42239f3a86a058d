import { accountId } from '@ilp/service-core'
import { createSecrets, StoreError } from '@ilp/store-traits'
import { createLmdbStore } from '../src/index.js'

// Pays ever new accounts until the disk takes nothing any more, and tells what became of it. Told to go on, it does.
const [, , directory = ''] = process.argv
const send = (message: unknown) => process.send?.(message)

const store = createLmdbStore({ directory, secrets: createSecrets(new Uint8Array(32)) })
await store.start()
const { ledger, accounts } = store
const asset = { code: 'USD', scale: 9 }
const session = await ledger.openSession({ leaseMs: 60_000, holdMaxMs: 60_000 })
let seq = 1

const batch = () =>
  Array.from({ length: 100 }, (_, i) => {
    const [from, to] = [
      { id: accountId('payer'), asset },
      { id: accountId(`payee-${seq}-${i}`), asset },
    ]
    return { kind: 'commit', transfer: { from, incomingAmount: 1n, to, amount: 1n } } as const
  })

const codeOf = async (promise: Promise<unknown>): Promise<string | undefined> => {
  try {
    await promise
    return undefined
  } catch (error) {
    return error instanceof StoreError ? error.code : String(error)
  }
}

async function pay(times: number): Promise<string | undefined> {
  for (let i = 0; i < times; i++) {
    const code = await codeOf(ledger.apply(session, seq, batch()))
    if (code) return code
    seq += 1
  }
  return undefined
}

const account = { id: accountId('new'), username: 'new', asset }
const failed = await pay(10_000)
send({
  failed,
  seq,
  again: await codeOf(ledger.apply(session, seq, batch())),
  reads: await codeOf(ledger.readBalance(accountId('payer'))),
  puts: await codeOf(accounts.put(account)),
  has: accounts.get(account.id) !== undefined,
})
process.once('message', async () => {
  const code = await pay(3)
  const { balance } = await ledger.readBalance(accountId('payer'))
  const put = await codeOf(accounts.put(account))
  await store.stop()
  send({ code, seq, balance, put })
  process.disconnect()
})
