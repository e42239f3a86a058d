import { createSecrets, StoreError } from '@ilp/store-traits'
import { createLmdbStore } from '../src/index.js'

// Opens the folder, and says what came of it.
const [, , directory = ''] = process.argv
const store = createLmdbStore({ directory, secrets: createSecrets(new Uint8Array(32)) })
try {
  await store.start()
  process.send?.('open')
} catch (error) {
  process.send?.(error instanceof StoreError ? error.code : String(error))
} finally {
  await store.stop()
  process.disconnect()
}
