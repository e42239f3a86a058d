/** By what a node's refusal says or is about, what to do next. The first that fits counts. */
const STEPS: readonly {
  readonly status: number
  readonly path?: RegExp
  readonly detail?: RegExp
  readonly next: string
}[] = [
  {
    status: 404,
    detail: /account of this username/,
    next: 'ilp-connector accounts list shows those that there are.',
  },
  {
    status: 404,
    path: /\/payments\//,
    next: 'ilp-connector payments list shows those that this process remembers.',
  },
  {
    status: 404,
    path: /^\/routes/,
    next: 'ilp-connector routes list --origin static shows those that there are.',
  },
  { status: 404, path: /^\/rates/, next: 'ilp-connector rates list shows those that were set by hand.' },
  {
    status: 404,
    path: /^\/reconciliation/,
    next: 'ilp-connector reconciliation list shows those that there are.',
  },
  {
    status: 404,
    detail: /^Not Found$/,
    next: 'This node may be older than this command: compare with ilp-connector --version.',
  },
  {
    status: 409,
    detail: /^the configuration file manages/,
    next: 'Change it in the configuration file, and start the node again.',
  },
  {
    status: 409,
    detail: /its balance is/,
    next: 'Settle it or adjust it to zero, or write it off: --write-off "the reason".',
  },
  {
    status: 409,
    detail: /packets are in flight|on its way to the engine/,
    next: 'Run the same command again a little later.',
  },
  {
    status: 409,
    detail: /only local accounts/,
    next: 'Name a local account: ilp-connector accounts list --relation local.',
  },
  { status: 409, detail: /is disabled/, next: 'ilp-connector accounts change USERNAME --enable' },
  {
    status: 409,
    detail: /begun this payment/,
    next: 'See what it has sent in ilp-connector accounts balance.',
  },
  { status: 422, detail: /idempotency key/, next: 'Use the same --key for the same request only.' },
  { status: 429, next: 'Wait until some are over: ilp-connector payments list.' },
  { status: 503, next: 'ilp-connector status shows what is wrong; run the same command again later.' },
  { status: 500, next: "The node's log says what went wrong." },
]

/** What an operator may do about a refusal; undefined where it says all. */
export function nextFor(method: string, path: string, status: number, detail: string): string | undefined {
  const step = STEPS.find(
    one =>
      one.status === status &&
      (one.path === undefined || one.path.test(path)) &&
      (one.detail === undefined || one.detail.test(detail)),
  )
  if (step) return step.next
  return status === 400 && method !== 'GET' ? 'The same command with --help shows what it takes.' : undefined
}
