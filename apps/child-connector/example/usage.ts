import { createChildConnector } from '@ilp/child-connector'
import { silentLogger } from '@ilp/service-core'
import { type Payment, type PaymentResult, streamSender } from '@ilp/stream-sender'

/** Joins the network at `parent`, makes one payment, and leaves. */
export async function payOnce(
  parent: { readonly url: string; readonly token: string },
  payment: Payment,
): Promise<PaymentResult> {
  const laptop = createChildConnector(
    { parent, asset: { code: 'USD', scale: 9 }, accounts: [{ username: 'me' }], secretSeed: '01'.repeat(32) },
    { logger: silentLogger },
  )
  await laptop.start()
  try {
    await laptop.learned
    return await streamSender({ service: laptop.service, from: laptop.account('me') }).pay(payment)
  } finally {
    await laptop.stop()
  }
}
