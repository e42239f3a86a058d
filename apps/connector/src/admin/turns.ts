/** Does work that is about one thing in turn, and work about different things at the same time. */
export type Turns = <T>(about: string, work: () => Promise<T>) => Promise<T>

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>()
  return (about, work) => {
    const turn = (last.get(about) ?? Promise.resolve()).then(work, work)
    last.set(about, turn)
    const over = () => {
      if (last.get(about) === turn) last.delete(about)
    }
    turn.then(over, over)
    return turn
  }
}
