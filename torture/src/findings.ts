/** A packet that one end of a link has booked, and the other one has not. */
export interface Loss {
  readonly packet: number
  readonly lane: number
  /** 0 is the link from the sender, the last one that to the receiver. */
  readonly link: number
  /** In the unit of the link: what the end that is nearer to the sender has not booked. */
  readonly amount: bigint
  /** What it is due to. */
  readonly cause: string
}

/** What a check of all books came to. Everything but `lost` is a fault. */
export interface Findings {
  /** (a) Balances of one asset and scale that don't add up to zero. */
  readonly imbalances: readonly string[]
  /** (b) Fulfills that were relayed and are not booked, are booked twice, or were answered with something else. */
  readonly misbooked: readonly string[]
  /** (c) Fulfills that the next hop has booked, and the node before it not, since one of them died or was cut off. */
  readonly lost: readonly Loss[]
  /** Losses that nothing explains, and links whose ends disagree about more than what was lost. */
  readonly unexplained: readonly string[]
  /** (d) Holds that are left. */
  readonly holds: readonly string[]
}

export const faultsOf = ({ imbalances, misbooked, unexplained, holds }: Findings): readonly string[] => [
  ...imbalances,
  ...misbooked,
  ...unexplained,
  ...holds,
]
