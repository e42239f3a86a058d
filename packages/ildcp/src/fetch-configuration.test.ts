import { configResponse } from '@ilp/ildcp-packet'
import { Fulfill, type OutgoingRequest } from '@ilp/service-core'
import { scriptedService, testAccount, testReject } from '@ilp/service-testing'
import { describe, expect, test } from 'vitest'
import { fetchConfiguration, IldcpError } from './fetch-configuration.js'

const self = testAccount('self', { relation: 'local' })
const parent = testAccount('parent', { relation: 'parent' })
const CONFIGURATION = { address: 'test.parent.me', asset: { code: 'USD', scale: 9 } }

function ask(timeoutMs = 5_000) {
  const outgoing = scriptedService<OutgoingRequest<typeof self>>()
  return { answer: fetchConfiguration(outgoing, { self, parent, timeoutMs }), asked: outgoing.next() }
}

test('the parent is asked as RFC 31 has it', async () => {
  const { answer, asked } = ask()
  const before = Date.now()
  const { request, answer: reply } = await asked
  expect(request).toMatchObject({ from: self, to: parent, incomingAmount: 0n })
  expect(request.prepare).toMatchObject({ units: 0n, destination: 'peer.config' })
  expect(request.prepare.expiresAtMs).toBeGreaterThan(before + 4_000)
  expect(request.prepare.expiresAtMs).toBeLessThanOrEqual(Date.now() + 5_000)
  reply(configResponse(CONFIGURATION))
  expect(await answer).toEqual(CONFIGURATION)
})

describe('an IldcpError', () => {
  test('tells why the parent refused', async () => {
    const { answer, asked } = ask()
    ;(await asked).answer(testReject({ code: 'F00', message: 'not for you' }))
    await expect(answer).rejects.toThrow(new IldcpError('the parent answered F00 not for you'))
  })

  test('says that the parent answered something else', async () => {
    const { answer, asked } = ask()
    ;(await asked).answer(Fulfill.create({ fulfillment: new Uint8Array(32), data: Buffer.from('hello') }))
    await expect(answer).rejects.toThrow(IldcpError)
  })

  test.each(['peer.me', 'self.me'])('refuses %s, where nobody could reach this node', async address => {
    const { answer, asked } = ask()
    ;(await asked).answer(configResponse({ ...CONFIGURATION, address }))
    await expect(answer).rejects.toThrow(IldcpError)
  })

  test.each([
    { code: 'USD', scale: 6 },
    { code: 'EUR', scale: 9 },
  ])('refuses a parent that counts in $code/$scale', async asset => {
    const { answer, asked } = ask()
    ;(await asked).answer(configResponse({ ...CONFIGURATION, asset }))
    await expect(answer).rejects.toThrow(
      new IldcpError(`the parent counts in ${asset.code}/${asset.scale}, not USD/9`),
    )
  })
})

test('an error of the chain is no IldcpError', async () => {
  const { answer, asked } = ask()
  const error = new Error('a bug')
  ;(await asked).fail(error)
  await expect(answer).rejects.toBe(error)
})
