import { open } from 'lmdb'
import { versionOf } from '../machine.js'
import type { Bare } from './store-alone.js'

export const BARE_LMDB = `lmdb ${versionOf('lmdb')}, two flushed writes a packet`

/** A packet in two writes by lmdb, each awaited until it is on the disk; lmdb gathers what one turn brings. */
export function bareLmdb(folder: string): Bare & { readonly stop: () => Promise<void> } {
  const database = open<{ balance: bigint; held: bigint }, string>({ path: folder, overlappingSync: false })
  const write = async (account: string, held: bigint) => {
    await database.put(account, { balance: 0n, held })
    await database.flushed
  }
  return {
    packet: async worker => {
      await write(`account-${worker % 2}`, 10n)
      await write(`account-${worker % 2}`, 0n)
    },
    stop: () => database.close(),
  }
}
