import { decodeReply, type OutgoingRequest, Prepare, type Service } from '@ilp/service-core'
import { fulfillingService, testAccount } from '@ilp/service-testing'
import { fetch, serve } from 'ilp-protocol-ildcp'
import { describe, expect, test } from 'vitest'
import { fetchConfiguration } from './fetch-configuration.js'
import { ildcp } from './ildcp.js'

const self = testAccount('self')
const parent = testAccount('parent', { relation: 'parent', asset: { code: 'XRP', scale: 6 } })

describe('ilp-protocol-ildcp as the child', () => {
  const service = ildcp({ address: () => 'test.node', addressOf: account => `test.node.${account.id}` })(
    fulfillingService(),
  )
  /** A plugin's sendData over our middleware. */
  const sendDataOf = (relation: 'child' | 'peer') => async (data: Buffer) => {
    const from = testAccount('bob', { relation, asset: { code: 'EUR', scale: 2 } })
    return (await service.call({ from, prepare: Prepare.decode(data) })).toBuffer()
  }

  test('learns its address and asset', async () => {
    expect(await fetch(sendDataOf('child'))).toEqual({
      clientAddress: 'test.node.bob',
      assetCode: 'EUR',
      assetScale: 2,
    })
  })

  test('understands that it is none', async () => {
    await expect(fetch(sendDataOf('peer'))).rejects.toThrow(
      'IL-DCP failed: only children are told their configuration',
    )
  })
})

describe('ilp-protocol-ildcp as the parent', () => {
  const outgoingTo = (
    handler: () => Promise<{ clientAddress: string; assetCode: string; assetScale: number }>,
  ): Pick<Service<OutgoingRequest>, 'call'> => ({
    call: async ({ prepare }) => {
      const answer = await serve({ requestPacket: prepare.toBuffer(), handler, serverAddress: 'test.parent' })
      return decodeReply(answer)
    },
  })
  const ask = (outgoing: Pick<Service<OutgoingRequest>, 'call'>) =>
    fetchConfiguration(outgoing, { self, parent, timeoutMs: 5_000 })

  test('tells this node its address and asset', async () => {
    const info = { clientAddress: 'test.parent.us', assetCode: 'XRP', assetScale: 6 }
    expect(await ask(outgoingTo(async () => info))).toEqual({
      address: 'test.parent.us',
      asset: { code: 'XRP', scale: 6 },
    })
  })

  test('refuses with a reason', async () => {
    const refusing = outgoingTo(async () => {
      throw new Error('who are you?')
    })
    await expect(ask(refusing)).rejects.toThrow('the parent answered F00 who are you?')
  })
})
