import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Disk, type Row } from '../src/disk.js'
import { keyOf } from '../src/keys.js'
import { temporaryFolder } from './process.js'

const STEP_BYTES = 4 * 1_048_576

/** How many rows a transaction has, and how long their values are. */
const SHAPES = [
  [1, 20_000],
  [1_000, 40],
  [30, 3_000],
  [8, 100_000],
] as const

/** Rows of random names and values, some of them removed. */
const rows = (count: number, bytesMax: number): Row[] =>
  Array.from({ length: count }, () => {
    const name = `${Math.floor(Math.random() * 5_000)}${'x'.repeat(Math.random() * 60)}`
    const value = Math.random() < 0.3 ? undefined : Buffer.alloc(Math.random() * bytesMax, 1)
    return { key: keyOf('t', name), value: () => value }
  })

it('the data file has room before LMDB needs it, whatever is written', async () => {
  const directory = await temporaryFolder()
  const disk = await Disk.open(directory)
  const size = async () => (await stat(join(directory, 'data.mdb'))).size
  const first = await size()
  for (let i = 0; i < 40; i++) {
    for (const [count, bytesMax] of SHAPES) {
      await disk.write(rows(count, bytesMax))
      // Where LMDB had made the file longer, it would end behind a page, in the midst of a step.
      expect(((await size()) - first) % STEP_BYTES).toBe(0)
    }
  }
  expect(await size()).toBeGreaterThan(first + STEP_BYTES)
  await disk.close()
})
