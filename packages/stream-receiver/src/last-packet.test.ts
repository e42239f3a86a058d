import type { IncomingRequest } from '@ilp/service-core'
import { fulfillingService, recordingLogger } from '@ilp/service-testing'
import { ErrorCode, FrameType } from '@ilp/stream-packet'
import { expect, it, vi } from 'vitest'
import { Sender } from '../test/sender.js'
import { streamCredentials, streamReceiver } from './index.js'

// The real number takes hours to reach.
vi.mock('@ilp/stream-packet', async original => ({ ...(await original<object>()), PACKETS_MAX: 3 }))

it('a connection is closed with its last packet, and nothing is encrypted under its keys after that', async () => {
  const credentials = streamCredentials(Buffer.alloc(32, 1))
  const receiver = { address: 'test.node.alice', asset: { code: 'USD', scale: 9 } }
  const layer = streamReceiver({ receiverOf: () => receiver, credentials, logger: recordingLogger() })
  const sender = new Sender(layer<IncomingRequest>(fulfillingService()), credentials.issue(receiver.address))
  const send = () =>
    sender.send({ amount: 1n, frames: [{ type: FrameType.StreamMoney, streamId: 1n, shares: 1n }] })

  expect(await send()).toMatchObject({ code: 'fulfilled' })
  expect(await send()).toMatchObject({ code: 'fulfilled' })
  expect(await send()).toMatchObject({
    code: 'F99',
    frames: [{ type: FrameType.ConnectionClose, errorCode: ErrorCode.NoError }],
  })
  for (let i = 0; i < 3; i++) {
    expect(await send()).toMatchObject({ code: 'F99', reply: { data: Buffer.alloc(0) } })
  }
})
