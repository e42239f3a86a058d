/**
 * A clock that is read once in a turn of the event loop: all that happens in a turn happens at its beginning. Reading
 * the time for each packet would be the dearest part of counting it.
 */
export function turnClock(now = () => performance.now()): () => number {
  let nowMs = 0
  let isOfThisTurn = false
  const turnIsOver = () => {
    isOfThisTurn = false
  }
  return () => {
    if (!isOfThisTurn) {
      isOfThisTurn = true
      nowMs = now()
      setImmediate(turnIsOver)
    }
    return nowMs
  }
}
