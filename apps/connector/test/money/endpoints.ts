import { once } from 'node:events'
import { Agent, createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { decodeReply, isFulfill, Prepare, type Reply } from '@ilp/service-core'
import { BtpPeer } from '../peers/btp-peer.js'
import { httpPost } from '../peers/http-post.js'
import {
  btpAnswer,
  EARLY,
  EARLY_MS,
  fulfillFor,
  HELD,
  httpAnswer,
  LATE_MS,
  LATER_MS,
  numberOf,
  type Script,
} from './scripts.js'

/** Somebody with an account at a connector: sends packets, and answers those that come as their scripts say. */
export interface Endpoint {
  /** Resolves with `fulfilled`, the code of a reject, or `closed`. */
  readonly send: (prepare: Prepare) => Promise<string>
  /** Fulfils the packets that were held. */
  readonly fulfilHeld: () => void
  /** Cuts its connection to the connector and, where it is the one who connects, does so again. */
  readonly cut: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What has come to the receivers, and what they are to do. */
export interface Play {
  readonly scriptOf: (number: number) => Script
  readonly arrived: (number: number) => void
  /** An `EARLY` packet is being fulfilled. */
  readonly early: (number: number) => void
}

/** Answers as the script has it: at once, later, behind the deadline, when the test says so, or never. */
function perform(play: Play, prepare: Prepare, held: Set<() => void>, answer: () => void): void {
  const number = numberOf(prepare)
  play.arrived(number)
  const leftMs = prepare.expiresAtMs - Date.now()
  switch (play.scriptOf(number)) {
    case 'silence':
      return
    case HELD:
      held.add(answer)
      return
    case EARLY:
      if (leftMs < EARLY_MS) return
      play.early(number)
      return answer()
    case 'fulfilLater':
      setTimeout(answer, LATER_MS)
      return
    case 'lateFulfil':
      setTimeout(answer, leftMs + LATE_MS)
      return
    default:
      answer()
  }
}

function releaseAll(held: Set<() => void>): void {
  for (const answer of held) answer()
  held.clear()
}

/** What the sender makes of an answer: a fulfillment has to be its own packet's, with the receiver's data. */
function heard(prepare: Prepare, reply: Reply): string {
  if (!isFulfill(reply)) return reply.code
  const expected = fulfillFor(prepare)
  return reply.toBuffer().equals(expected.toBuffer()) ? 'fulfilled' : 'another fulfillment'
}

export async function btpEndpoint(url: string, token: string, play: Play): Promise<Endpoint> {
  const held = new Set<() => void>()
  const open = async () => {
    const peer = await BtpPeer.open(url, { token })
    peer.onPrepare = (prepare, id) => {
      const script = play.scriptOf(numberOf(prepare))
      perform(play, prepare, held, () => {
        if (peer.isOpen) for (const frame of btpAnswer(script, prepare, id)) peer.write(frame)
      })
    }
    return peer
  }
  let peer = await open()
  return {
    send: prepare =>
      peer.send(prepare).then(
        reply => heard(prepare, reply),
        (error: Error) => error.message,
      ),
    fulfilHeld: () => releaseAll(held),
    cut: async () => {
      await peer.cut()
      held.clear()
      peer = await open()
    },
    close: async () => {
      await peer.cut()
    },
  }
}

/** Takes packets at the URL that it is created with, and posts its own to the connector once that is known. */
export interface HttpEndpoint extends Endpoint {
  readonly url: string
  readonly connect: (connectorUrl: string) => void
}

export async function httpEndpoint(token: string, play: Play): Promise<HttpEndpoint> {
  const held = new Set<() => void>()
  const answering = new Set<ServerResponse>()
  const agent = new Agent({ keepAlive: true })
  let connectorUrl = ''
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request).catch(() => undefined)
    // The connection was closed in the middle.
    if (!bytes) return
    const prepare = Prepare.decode(bytes)
    const script = play.scriptOf(numberOf(prepare))
    answering.add(response)
    response.once('close', () => answering.delete(response))
    // Nobody waits for an answer that much longer.
    if (script === 'silence') setTimeout(() => response.destroy(), prepare.expiresAtMs + LATE_MS - Date.now())
    perform(play, prepare, held, () => {
      const answer = httpAnswer(script, prepare)
      if (answer === 'cut') response.destroy()
      else response.writeHead(answer.status, { 'content-length': answer.body.length }).end(answer.body)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ilp`,
    connect: url => {
      connectorUrl = url
    },
    send: prepare =>
      httpPost(connectorUrl, prepare.toBuffer(), { token, agent }).then(
        ({ status, body }) => (status === 200 ? heard(prepare, decodeReply(body)) : `HTTP ${status}`),
        () => 'closed',
      ),
    fulfilHeld: () => releaseAll(held),
    cut: async () => {
      held.clear()
      for (const response of answering) response.destroy()
    },
    close: async () => {
      agent.destroy()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
