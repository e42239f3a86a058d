import { expect, test } from 'vitest'
import { whomToPay } from '../example/usage.js'

test('the example knows alice, who is the default, and nobody else', async () => {
  expect(await whomToPay('/accounts/alice/spsp')).toMatch(/^test\.node\.alice\./)
  expect(await whomToPay('/.well-known/pay')).toMatch(/^test\.node\.alice\./)
  expect(await whomToPay('/accounts/bob/spsp')).toBeUndefined()
})
