import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'

/** The file that LMDB keeps everything in. */
export const DATA_FILE = 'data.mdb'

/** How much the file grows at a time. */
const STEP_BYTES = 4 * 1_048_576

/** Pages that a transaction may need besides those of its rows: the meta pages, the list of free ones, the roots. */
const PAGES_BESIDES = 64

/** Pages that a row may need: its leaf, the other half of one that was full, those above, its part of the free list. */
const PAGES_A_ROW = 4

/** The pages that a transaction may write at most, with values of these sizes. */
export function pagesFor(sizes: readonly number[], pageBytes: number): number {
  return sizes.reduce((pages, size) => pages + PAGES_A_ROW + Math.ceil(size / pageBytes), PAGES_BESIDES)
}

/**
 * Keeps room in the data file ahead of LMDB, so that a full disk is noticed here: where LMDB itself can't write a page,
 * it writes beyond the end of a buffer of its own.
 */
export class Room {
  readonly #file: FileHandle
  readonly #usedBytes: () => number
  #size: number
  /** At least so much is free at the end of the file. */
  #free = 0

  private constructor(file: FileHandle, size: number, usedBytes: () => number) {
    this.#file = file
    this.#size = size
    this.#usedBytes = usedBytes
  }

  /** @param usedBytes asks LMDB where in its file the last page ends */
  static async open(directory: string, usedBytes: () => number): Promise<Room> {
    const file = await open(join(directory, DATA_FILE), 'r+')
    const { size } = await file.stat()
    if (size < usedBytes()) {
      await file.close()
      throw new Error(`${DATA_FILE} was cut short`)
    }
    return new Room(file, size, usedBytes)
  }

  /** Lets a transaction take this much from the end of the file. Rejects when the disk has less. */
  async take(bytes: number): Promise<void> {
    if (this.#free < bytes) {
      const wanted = this.#usedBytes() + bytes
      while (this.#size < wanted) await this.#grow()
      this.#free = this.#size - this.#usedBytes()
    }
    this.#free -= bytes
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #grow(): Promise<void> {
    const { bytesWritten } = await this.#file.write(Buffer.alloc(STEP_BYTES), 0, STEP_BYTES, this.#size)
    this.#size += bytesWritten
  }
}
