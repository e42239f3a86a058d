import {
  accountId,
  amountTooLarge,
  type IncomingRequest,
  type Reply,
  silentLogger,
  unreachable,
} from '@ilp/service-core'
import { streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import { localPlugin, streamCompat } from '@ilp/test-peers'
import { versionOf } from './machine.js'
import { alternate, type Pace } from './measurement.js'
import { ASSET } from './our-connector.js'

const PEER = 'ilp-protocol-stream'
const RECEIVER = 'test.node.receiver'
export const SENDER = 'test.node.sender'
/** The most that the path takes in a packet. */
const PACKET_AMOUNT = 1_000n
/** Of one payment. */
const PACKETS = 5_000
export const PAYMENT = PACKET_AMOUNT * BigInt(PACKETS)

export const from = { id: accountId('alice') }

/** Both measurements' peer. */
export const peer = `${PEER} ${versionOf(PEER)}`
/** Both measurements' way. */
export const how = `Payments of ${PACKETS.toLocaleString('en-US')} packets to our receiver in the same process, one after another, each on a connection of its own with path discovery and close; only packets with money count, and the time that the receiver takes for them is left out. The peer's plugin decodes and encodes packets as any transport would.`

/** CPU time of this process, which other work on the machine disturbs least. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** What both sides pay: our receiver in the same process, behind a node that takes packets of `PACKET_AMOUNT`. */
function createPath() {
  const credentials = streamCredentials(Buffer.alloc(32, 1))
  const receiver = { address: RECEIVER, asset: ASSET }
  let received = 0
  const service = streamReceiver({
    receiverOf: () => receiver,
    credentials,
    onMoney: () => {
      received += 1
    },
    logger: silentLogger,
  })<IncomingRequest>({
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable(RECEIVER, 'not for the receiver')),
  })
  let busyMs = 0
  const call = (request: IncomingRequest): Promise<Reply> => {
    const { units } = request.prepare
    if (units > PACKET_AMOUNT) {
      return Promise.resolve(amountTooLarge('test.node', 'too large', units, PACKET_AMOUNT))
    }
    const startMs = cpuMs()
    // The receiver has done all its work when it gives the promise.
    const reply = service.call(request)
    busyMs += cpuMs() - startMs
    return reply
  }
  return { call, issue: () => credentials.issue(RECEIVER), received: () => received, busyMs: () => busyMs }
}

export type Path = ReturnType<typeof createPath>

/** Pays `PAYMENT`, on a connection of its own. */
export type Pay = () => Promise<void>

function theirs({ call, issue }: Path): Pay {
  const { plugin } = localPlugin({ address: SENDER, asset: ASSET, send: prepare => call({ from, prepare }) })
  const { createConnection } = streamCompat()
  return async () => {
    const connection = await createConnection({ plugin, ...issue() })
    await connection.createStream().sendTotal(String(PAYMENT))
    await connection.end()
  }
}

/** Packets with money that a side gets fulfilled in a second of its own CPU time; it pays again until time is over. */
async function rate(pay: Pay, { received, busyMs }: Path, durationMs: number): Promise<number> {
  const before = received()
  const busyBefore = busyMs()
  const startMs = cpuMs()
  let elapsedMs = 0
  while (elapsedMs < durationMs) {
    await pay()
    elapsedMs = cpuMs() - startMs
  }
  return ((received() - before) / (elapsedMs - (busyMs() - busyBefore))) * 1_000
}

/** Lets a sender of ours and npm's pay in turn. */
export async function comparePayments(ours: (path: Path) => Pay, { rounds, roundMs, warmupMs }: Pace) {
  const path = createPath()
  const [we, they] = [ours(path), theirs(path)]
  await rate(we, path, warmupMs)
  await rate(they, path, warmupMs)
  const results = await alternate(
    rounds,
    () => rate(we, path, roundMs / 2),
    () => rate(they, path, roundMs / 2),
  )
  return { ...results, remarks: [] }
}
