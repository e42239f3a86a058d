import { configRequest, readConfiguration } from '@ilp/ildcp-packet'
import { decodeReply, isFulfill, Prepare, reject } from '@ilp/service-core'
import { expect, test } from 'vitest'
import { localPlugin } from '../src/index.js'

const asset = { code: 'USD', scale: 9 }
const ADDRESS = 'test.node.alice'

const prepare = (destination: string): Prepare =>
  Prepare.create({
    units: 1n,
    expiresAt: new Date(Date.now() + 10_000),
    executionCondition: Buffer.alloc(32),
    destination,
    data: Buffer.alloc(0),
  })

test('its owner is told who it is, and what it sends comes out at the other end', async () => {
  const seen: string[] = []
  const { plugin } = localPlugin({
    address: ADDRESS,
    asset,
    send: async ({ destination }) => {
      seen.push(destination)
      return reject('T00', 'test.node', 'not now')
    },
  })
  const configuration = decodeReply(
    await plugin.sendData(configRequest(new Date(Date.now() + 10_000)).toBuffer()),
  )
  if (!isFulfill(configuration)) throw new Error('no configuration')
  expect(readConfiguration(configuration)).toEqual({ address: ADDRESS, asset })
  const reply = decodeReply(await plugin.sendData(prepare('test.node.bob').toBuffer()))
  expect([seen, reply]).toMatchObject([['test.node.bob'], { code: 'T00' }])
})

test('its owner gets packets while it listens', async () => {
  const { plugin, deliver } = localPlugin({ address: ADDRESS, asset })
  await expect(deliver(prepare(ADDRESS))).rejects.toThrow('nobody listens')
  plugin.registerDataHandler(async () => reject('F99', ADDRESS, 'seen').toBuffer())
  expect(await deliver(prepare(ADDRESS))).toMatchObject({ code: 'F99', message: 'seen' })
  plugin.deregisterDataHandler()
  await expect(deliver(prepare(ADDRESS))).rejects.toThrow('nobody listens')
})

test('it is connected when it says so, and without another end nobody is there', async () => {
  const { plugin } = localPlugin({ address: ADDRESS, asset })
  expect(plugin.isConnected()).toBe(false)
  await plugin.connect()
  expect(plugin.isConnected()).toBe(true)
  await plugin.disconnect()
  expect(plugin.isConnected()).toBe(false)
  expect(decodeReply(await plugin.sendData(prepare('test.x').toBuffer()))).toMatchObject({ code: 'F02' })
})
