/**
 * Something that the other end has to be told until it has acknowledged it. What changes while it is under way is due
 * again, and an answer to the older word doesn't count for the newer one.
 */
export class Notice {
  #version = 0
  #state: 'told' | 'due' | 'underWay' = 'told'

  get isDue(): boolean {
    return this.#state === 'due'
  }

  /** Whether nothing is left to be told. */
  get isTold(): boolean {
    return this.#state === 'told'
  }

  raise(): void {
    this.#version += 1
    this.#state = 'due'
  }

  /** It goes out: returns what its fate has to be reported with. */
  take(): number {
    this.#state = 'underWay'
    return this.#version
  }

  /** The packet that it was taken for has arrived. */
  acknowledge(version: number): void {
    if (version === this.#version) this.#state = 'told'
  }

  /** The packet has not arrived, as far as is known. */
  lose(version: number): void {
    if (version === this.#version && this.#state === 'underWay') this.#state = 'due'
  }
}
