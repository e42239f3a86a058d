import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type Fulfill, Prepare } from '@ilp/service-core'
import { testFulfill } from '@ilp/service-testing'
import { onTestFinished } from 'vitest'

/** A peer over HTTP that fulfils every packet, and remembers its token, destination and amount. */
export async function startPeer() {
  const taken: [token: string | undefined, destination: string, units: bigint][] = []
  let reply = async (): Promise<Fulfill> => testFulfill()
  const server = createServer((request, response) => {
    void buffer(request).then(async body => {
      const { destination, units } = Prepare.decode(body)
      taken.push([request.headers.authorization?.replace('Bearer ', ''), destination, units])
      response
        .setHeader('content-type', 'application/octet-stream')
        .end(Buffer.from((await reply()).toBuffer()))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ilp`,
    taken,
    /** Settles when a packet has come, with what answers it. */
    holdNext: () =>
      new Promise<(fulfill: Fulfill) => void>(come => {
        reply = () => new Promise(come)
      }),
  }
}
