/**
 * A map that forgets: a value that nobody asked for during `idleMs` goes within another `idleMs`, and there are never
 * more than `max`. When there would be, those that were used last stay, at least half of `max`. Takes constant time and
 * no timer: values live in two generations, and whatever is used moves to the younger one.
 */
export class Recent<Value extends object> {
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()
  #turnedMs = 0
  readonly #generationMax: number
  readonly #idleMs: number

  /** @param max at least 2 */
  constructor(max: number, idleMs: number) {
    this.#generationMax = Math.floor(max / 2)
    this.#idleMs = idleMs
  }

  get(key: string, nowMs: number): Value | undefined {
    this.#age(nowMs)
    const young = this.#young.get(key)
    if (young) return young
    const old = this.#old.get(key)
    if (old) this.#add(key, old, nowMs)
    return old
  }

  /** Adds a value under a key that has none. */
  add(key: string, value: Value, nowMs: number): void {
    this.#age(nowMs)
    this.#add(key, value, nowMs)
  }

  #add(key: string, value: Value, nowMs: number): void {
    if (this.#young.size >= this.#generationMax) this.#turn(nowMs)
    this.#young.set(key, value)
  }

  #age(nowMs: number): void {
    const agedMs = nowMs - this.#turnedMs
    if (agedMs < this.#idleMs) return
    this.#turn(nowMs)
    if (agedMs >= 2 * this.#idleMs) this.#old.clear()
  }

  #turn(nowMs: number): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#turnedMs = nowMs
  }
}
