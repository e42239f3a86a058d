import { createRequire } from 'node:module'
import { type Plugin, streamCompat } from '@ilp/test-peers'
import type { Face } from './face.js'

export interface Credentials {
  readonly destinationAccount: string
  readonly sharedSecret: Buffer
}

/** What a local account's SPSP endpoint answers. */
export async function credentialsOf(face: Face, username: string): Promise<Credentials> {
  const response = await fetch(`${face.url}/accounts/${username}/spsp`, {
    headers: { accept: 'application/spsp4+json' },
  })
  const body = (await response.json()) as { destination_account: string; shared_secret: string }
  return {
    destinationAccount: body.destination_account,
    sharedSecret: Buffer.from(body.shared_secret, 'base64'),
  }
}

/** What a sender believes to have sent, and to have been received. */
export interface Paid {
  readonly sent: bigint
  readonly delivered: bigint
}

/** Pays with npm's `ilp-protocol-stream`, which leaves its plugin in the end. */
export async function payByStream(
  plugin: Plugin,
  credentials: Credentials,
  amount: bigint,
  { slippage = 0.01 } = {},
): Promise<Paid> {
  const connection = await streamCompat().createConnection({ plugin, slippage, ...credentials })
  try {
    await connection.createStream().sendTotal(amount.toString())
    return { sent: BigInt(connection.totalSent), delivered: BigInt(connection.totalDelivered) }
  } finally {
    // Not `end`: where the other side is npm's as well, one of the two would wait until its last packet expires.
    await plugin.disconnect()
  }
}

/** The parts of npm's `@interledger/pay` that are used here; its own types bring those of Node 10 along. */
interface PayModule {
  readonly quote: (options: {
    readonly plugin: Plugin
    readonly paymentPointer: string
    /** In whole units of the asset. */
    readonly amountToSend: string
    readonly prices?: Readonly<Record<string, number>>
  }) => Promise<Quote>
}

export interface Quote {
  readonly pay: () => Promise<{
    readonly error?: string
    readonly amountSent: object
    readonly amountDelivered: object
  }>
}

/** npm's `@interledger/pay`; a URL does for a payment pointer. */
export const { quote } = createRequire(import.meta.url)('@interledger/pay') as PayModule
