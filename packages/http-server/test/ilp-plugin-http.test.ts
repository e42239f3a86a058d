import { decodeReply } from '@ilp/service-core'
import { testAccount, testPrepare, testReject } from '@ilp/service-testing'
import PluginHttp from 'ilp-plugin-http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startNode } from './helpers.js'

let node: Awaited<ReturnType<typeof startNode>>

beforeEach(async () => {
  node = await startNode()
})
afterEach(() => node.stop())

async function connect(staticToken: string) {
  const plugin = new PluginHttp({
    incoming: { port: 0, staticToken: 'unused' },
    outgoing: { url: `${node.url}/accounts/alice/ilp`, staticToken },
  })
  await plugin.connect()
  return plugin
}

test('npm’s ilp-plugin-http sends packets, and gets their answers', async () => {
  const plugin = await connect('alice-token')
  const prepare = testPrepare({ data: Buffer.from('hello') })
  const fulfilled = plugin.sendData(prepare.toBuffer())
  const { request, fulfill } = await node.next()
  expect(request.from).toMatchObject(testAccount('alice'))
  expect(request.prepare.toBuffer()).toEqual(prepare.toBuffer())
  fulfill()
  expect(decodeReply(await fulfilled)).toMatchObject({ type: 13 })

  const rejected = plugin.sendData(prepare.toBuffer())
  const reject = testReject({ code: 'T04' })
  ;(await node.next()).answer(reject)
  expect(await rejected).toEqual(reject.toBuffer())
  await plugin.disconnect()
})

test('npm’s ilp-plugin-http is told that its token is wrong', async () => {
  const plugin = await connect('wrong')
  await expect(plugin.sendData(testPrepare().toBuffer())).rejects.toThrow('code=401')
  await plugin.disconnect()
})
