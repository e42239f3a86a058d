import { createHash } from 'node:crypto'

/** Random numbers that a seed determines: the same ones on every machine. */
export class Random {
  readonly #words: Uint32Array

  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest()
    this.#words = Uint32Array.from({ length: 4 }, (_, i) => digest.readUInt32LE(i * 4))
  }

  /** 0 up to below 1. */
  next(): number {
    return this.#word() / 2 ** 32
  }

  /** A whole number from 0 up to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  between(min: number, max: number): number {
    return min + this.below(max - min + 1)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new RangeError('there is nothing to pick from')
    return items[this.below(items.length)] as Item
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const left = [...items]
    return items.map(() => left.splice(this.below(left.length), 1)[0] as Item)
  }

  /** A number of so many bits, up to 64. */
  bits(count: number): bigint {
    return BigInt.asUintN(count, (BigInt(this.#word()) << 32n) | BigInt(this.#word()))
  }

  /** sfc32. */
  #word(): number {
    const words = this.#words
    const [a = 0, b = 0, c = 0, counter = 0] = words
    const sum = (a + b + counter) >>> 0
    words[3] = counter + 1
    words[0] = b ^ (b >>> 9)
    words[1] = c + (c << 3)
    words[2] = ((c << 21) | (c >>> 11)) + sum
    return sum
  }
}
