import { btpClient } from '@ilp/btp-client'
import { createBtpPool } from '@ilp/btp-pool'
import {
  accountId,
  type OutgoingRequest,
  type Prepare,
  peerUnreachable,
  type Reply,
  silentLogger,
  stack,
} from '@ilp/service-core'

/** A sender of packets to one peer: `send` until `stop`. */
export async function createSender(outgoingUrl: string, token: string) {
  const me = { id: accountId('me') }
  const peer = { id: accountId('peer'), btp: { outgoingUrl } }
  type Account = typeof me | typeof peer

  const address = () => 'test.me'
  const pool = createBtpPool({ address })
  const chain = stack<OutgoingRequest<Account>>()
    .use(
      btpClient<Account>({
        pool,
        address,
        accounts: { all: () => [peer], watch: () => () => {} },
        credentials: { outgoingToken: () => token, watch: () => () => {} },
        logger: silentLogger,
      }),
    )
    // Where packets go to accounts without a session.
    .around({
      ready: () => Promise.resolve(),
      call: () => Promise.resolve(peerUnreachable(address(), 'no link')),
    })
  await chain.start()

  return {
    /** T01 while the peer has not been reached. */
    send: (prepare: Prepare): Promise<Reply> =>
      chain.call({ from: me, to: peer, prepare, incomingAmount: prepare.units }),
    isUp: () => pool.count(peer.id) > 0,
    stop: async () => {
      await chain.stop()
      await pool.stop()
    },
  }
}
