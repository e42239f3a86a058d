/** Counts what is under way, for whoever waits until nothing is. */
export class UnderWay {
  #count = 0
  readonly #waiting = new Set<() => void>()

  begin(): void {
    this.#count += 1
  }

  end(): void {
    this.#count -= 1
    if (this.#count === 0) for (const resolve of this.#waiting) resolve()
  }

  /** Resolves as soon as nothing is under way, after `ms` at the latest. */
  async idle(ms: number): Promise<void> {
    if (this.#count === 0) return
    let resolve = () => {}
    const done = new Promise<void>(settle => {
      resolve = settle
    })
    this.#waiting.add(resolve)
    const timer = setTimeout(resolve, ms)
    await done
    clearTimeout(timer)
    this.#waiting.delete(resolve)
  }
}
