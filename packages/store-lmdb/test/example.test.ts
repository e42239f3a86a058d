import { expect, it } from 'vitest'
import { payOnce, readBalance } from '../example/usage.js'
import { temporaryFolder } from './process.js'

it('pays, and still knows it when the folder is opened again', async () => {
  const directory = await temporaryFolder()
  await payOnce(directory)
  await payOnce(directory)
  expect(await readBalance(directory)).toBe(198n)
})
