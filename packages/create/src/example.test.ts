import { expect, test } from 'vitest'
import { myStore } from '../example/usage.js'

test('the example has the files of a store', async () => {
  expect([...(await myStore).keys()]).toContain('src/my-store.ts')
})
