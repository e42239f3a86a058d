import { accountId } from '@ilp/service-core'
import { createJournal, type SessionId } from '../src/index.js'

// Appends batches one after another, and prints what became of each, until it is killed or has appended `count`.
const [, , directory = '', first = '1', count = '1000000'] = process.argv
const asset = { code: 'USD', scale: 9 }
const transfer = {
  from: { id: accountId('alice'), asset },
  incomingAmount: 2n ** 64n - 1n,
  to: { id: accountId('bob'), asset },
  amount: 2n ** 53n + 1n,
}
const journal = createJournal(directory)
await journal.start()
console.log('started')
for (let seq = Number(first); seq < Number(first) + Number(count); seq++) {
  const commits = Array.from({ length: seq % 3 }, () => transfer)
  try {
    await journal.append([{ session: 'a session' as SessionId, seq, commits }])
    console.log(seq)
  } catch (error) {
    console.log((error as NodeJS.ErrnoException).code)
  }
}
await journal.stop()
