/** What the ratio of our figure to the peer's has to be, or, where it says so, our figure beside it. */
export type Bar =
  | { readonly atLeast: number /** What is hoped for beyond it. */; readonly aim?: number }
  | { readonly atMost: number }
  /** By how much ours may be above the peer's. */
  | { readonly atMostAbove: number }
  /** What is hoped for of ours: the peer's is the ceiling of what it builds on. */
  | { readonly aimOurs: number }

/** How much of a measurement is done: all of it, or just enough to see that it works. */
export interface Pace {
  readonly rounds: number
  /** Of one side's turn in one round. */
  readonly roundMs: number
  readonly warmupMs: number
  /** What counts are multiplied with where it is a number of packets that is measured, 0..1. */
  readonly share: number
}

export const FULL: Pace = { rounds: 5, roundMs: 4_000, warmupMs: 1_000, share: 1 }
export const QUICK: Pace = { rounds: 3, roundMs: 500, warmupMs: 300, share: 0.02 }

/** The figures of each round, ours and the peer's, in the order in which they were taken. */
export interface Figures {
  readonly ours: readonly number[]
  readonly peer: readonly number[]
  /** What else was seen, in whole sentences. */
  readonly remarks: readonly string[]
}

/** One line of the results: a figure of ours beside that of a named peer, taken in the same run. */
export interface Measurement {
  /** What it is called on the command line. */
  readonly name: string
  readonly what: string
  readonly unit: string
  /** Name and version. */
  readonly peer: string
  readonly bar: Bar
  /** How it is measured, in a sentence or two. */
  readonly how: string
  readonly run: (pace: Pace) => Promise<Figures>
}

/** Takes turns, the one beginning that came second in the round before: a machine that slows down slows both. */
export async function alternate<Ours, Peer>(
  rounds: number,
  ours: () => Ours | Promise<Ours>,
  peer: () => Peer | Promise<Peer>,
): Promise<{ ours: Ours[]; peer: Peer[] }> {
  const results = { ours: [] as Ours[], peer: [] as Peer[] }
  const turns = [async () => results.ours.push(await ours()), async () => results.peer.push(await peer())]
  for (let round = 0; round < rounds; round++) {
    for (const turn of turns) await turn()
    turns.reverse()
  }
  return results
}
