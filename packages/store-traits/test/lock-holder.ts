import { lockDirectory, StoreError } from '../src/index.js'

// Locks the folder and keeps it until it is killed, or says why it can't.
const [, , directory = ''] = process.argv
try {
  await lockDirectory(directory)
  console.log('locked')
  setInterval(() => {}, 1_000)
} catch (error) {
  console.log(error instanceof StoreError ? error.code : String(error))
}
