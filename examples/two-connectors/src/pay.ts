import { type Plugin, streamCompat } from '@ilp/test-peers'

export interface Payment {
  readonly plugin: Plugin
  /** Where the receiver answers SPSP queries. */
  readonly receiver: string
  readonly amount: bigint
  /** What has come at the receiver so far. */
  readonly received: () => bigint
}

const PROGRESS_INTERVAL_MS = 100

/** Pays with npm's `ilp-protocol-stream` and shows how far it is. */
export async function pay({ plugin, receiver, amount, received }: Payment): Promise<void> {
  const query = await fetch(receiver, { headers: { accept: 'application/spsp4+json' } })
  const spsp = (await query.json()) as { destination_account: string; shared_secret: string }
  const connection = await streamCompat().createConnection({
    plugin,
    destinationAccount: spsp.destination_account,
    sharedSecret: Buffer.from(spsp.shared_secret, 'base64'),
  })
  const show = () => showProgress(received(), amount)
  const timer = setInterval(show, PROGRESS_INTERVAL_MS)
  try {
    const stream = connection.createStream()
    await stream.sendTotal(amount.toString())
  } finally {
    clearInterval(timer)
    // Not `end`, which waits for packets that its peer needs no more.
    await connection.destroy()
    await plugin.disconnect()
  }
  show()
}

const BAR_LENGTH = 40n

function showProgress(received: bigint, amount: bigint): void {
  const done = Number((received * BAR_LENGTH) / amount)
  const bar = '█'.repeat(done).padEnd(Number(BAR_LENGTH), '░')
  const line = `${bar}  ${received.toLocaleString('en')} of ${amount.toLocaleString('en')} units`
  process.stdout.write(process.stdout.isTTY ? `\r${line}` : `${line}\n`)
}
