import { silentLogger } from '@ilp/service-core'
import { createJournal, createLedger, Hold } from '@ilp/store-traits'
import { LONG, TRANSFER } from '../given.js'
import { started } from './started.js'

/** Reserves twice, and commits one of the two when it is told to, so late that it goes into the journal. */
const [store, directory] = await started()
const deps = { store: store.ledger, journal: createJournal(directory), logger: silentLogger }
// Nobody ends its session but who starts on the same journal.
const ledger = createLedger(deps, LONG)
await ledger.start()

const hold = await ledger.reserve(TRANSFER, Date.now() + 20_000)
await ledger.reserve(TRANSFER, Date.now() + 20_000)
process.once('message', async () => {
  if (hold instanceof Hold) console.log(`${await ledger.commit(hold, Date.now())}.`)
})
console.log('holds.')
setInterval(() => {}, 1_000)
