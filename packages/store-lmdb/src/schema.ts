import { Reader, Writer } from '@ilp/oer'
import { StoreError } from '@ilp/store-traits'
import type { Disk, Row } from './disk.js'
import { KIND, keyOf } from './keys.js'

/** What turns a folder of one version into the next: the rows that change. */
export type Migration = (disk: Disk) => Iterable<Row>

/** Version n is what the n-th of these makes. They are added to, and never changed. */
const MIGRATIONS: readonly Migration[] = [
  // 1: an empty folder.
  () => [],
  // 2: positions have settlements and adjustments besides the balance, zero as yet.
  disk => Array.from(disk.read(KIND.position), ([name, value]) => withZeros(name, value)),
]

const ZERO = new Writer(2).writeVarUInt(0n).toBuffer()

const withZeros = (name: string, value: Buffer): Row => {
  // What the disk gives is its own, and changes when it writes.
  const longer = Buffer.concat([value, ZERO, ZERO])
  return { key: keyOf(KIND.position, name), value: () => longer }
}

/**
 * Brings a folder to the current version, step by step, each in one transaction.
 * @throws StoreError ERR_STORE_TOO_NEW; ERR_STORE_UNSAFE when another program's data are there
 */
export async function migrate(disk: Disk, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  const version = versionOf(disk)
  if (version > migrations.length) {
    throw new StoreError(
      'ERR_STORE_TOO_NEW',
      `the folder's schema has version ${version}, this program knows ${migrations.length}: use a newer one`,
    )
  }
  for (let former = version; former < migrations.length; former++) {
    const changes = migrations[former]?.(disk) ?? []
    await disk.write([...changes, versionRow(former + 1)])
  }
}

function versionOf(disk: Disk): number {
  for (const [, value] of disk.read(KIND.version)) return new Reader(value).readUInt32()
  if (!disk.isEmpty()) throw new StoreError('ERR_STORE_UNSAFE', 'the folder holds data of another program')
  return 0
}

/** The row that says which version a folder has. */
export const versionRow = (version: number): Row => ({
  key: keyOf(KIND.version),
  value: () => new Writer(4).writeUInt32(version).toBuffer(),
})
