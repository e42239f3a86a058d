import { createBtpPool, type MessagePort, type PortListener } from '@ilp/btp-pool'
import { accountId, Fulfill, Prepare, type Reply } from '@ilp/service-core'

/** Two ports that are each other's peer, in place of a socket. */
function portPair(): [MessagePort, MessagePort] {
  const listeners: PortListener[] = []
  const port = (mine: number, other: number): MessagePort => ({
    listen: listener => {
      listeners[mine] = listener
    },
    send: bytes => queueMicrotask(() => listeners[other]?.message(bytes)),
    unsentBytes: () => 0,
    close: () => queueMicrotask(() => listeners.splice(0).forEach(listener => void listener.closed())),
  })
  return [port(0, 1), port(1, 0)]
}

/** Two nodes: Alice sends a packet, Bob fulfills it. */
export async function pay(): Promise<Reply | string> {
  const [atAlice, atBob] = portPair()

  const bob = createBtpPool({ address: () => 'test.bob' })
  bob.add(accountId('alice'), atBob)
  bob.serve((from, _prepare) =>
    Promise.resolve(
      Fulfill.create({ fulfillment: new Uint8Array(32), data: Buffer.from(`thanks, ${from}`) }),
    ),
  )

  const alice = createBtpPool({ address: () => 'test.alice' })
  alice.add(accountId('bob'), atAlice)
  const prepare = Prepare.create({
    units: 100n,
    expiresAt: new Date(Date.now() + 10_000),
    executionCondition: Buffer.from(
      '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925',
      'hex',
    ),
    destination: 'test.bob.shop',
    data: new Uint8Array(0),
  })
  const reply = await alice.send(accountId('bob'), prepare)
  await alice.stop()
  await bob.stop()
  return reply
}
