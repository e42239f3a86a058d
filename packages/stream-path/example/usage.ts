import { isFulfill, type Prepare, type Reply } from '@ilp/service-core'
import { FrameType, StreamKeys } from '@ilp/stream-packet'
import { Alarm, Congestion, Flight, type Load, nextPart, PacketLimit, smaller } from '@ilp/stream-path'

const MONEY = [{ type: FrameType.StreamMoney, streamId: 1n, shares: 1n }] as const

/** Sends `total` as fast as the path takes it, at whatever rate, and gives the number of packets that this took. */
export function sendAll(
  total: bigint,
  destination: string,
  sharedSecret: Uint8Array,
  send: (prepare: Prepare) => Promise<Reply>,
): Promise<number> {
  const keys = new StreamKeys(sharedSecret)
  const congestion = new Congestion(100, total, Math.random)
  const limit = new PacketLimit()
  let left = total
  return new Promise((resolve, fail) => {
    const flight = new Flight<Load>({
      keys,
      encrypt: packet => keys.encrypt(packet),
      send,
      onReply: ({ amount, sequence, fulfillment, underWay }, reply) => {
        if (isFulfill(reply)) {
          if (!fulfillment || !reply.fulfillment.equals(fulfillment))
            return fail(new Error('a fulfillment is wrong'))
          limit.passed(amount)
          congestion.onFulfill(amount, underWay)
          return advance()
        }
        left += amount
        if (reply.code === 'F08') {
          limit.tooLarge(amount, reply.data)
          limit.settle()
        } else if (reply.code === 'T04') {
          congestion.onShortLiquidity(underWay, sequence, flight.last, Date.now())
        } else if (reply.code.startsWith('T')) {
          congestion.onRefusal(sequence, flight.last, Date.now())
        } else return fail(new Error(`${reply.code}: ${reply.message}`))
        advance()
      },
      onLost: ({ amount }) => fail(new Error(`what became of ${amount} units is unknown`)),
      onThrow: (_, error) => fail(error as Error),
    })
    const advance = (): void => {
      const nowMs = Date.now()
      flight.expire(nowMs)
      while (left > 0n && flight.size < congestion.window && congestion.pausedUntilMs <= nowMs) {
        const amount = nextPart(left, smaller(limit.next, congestion.amountMax))
        if (amount === 0n) return fail(new Error('the path takes nothing'))
        if (flight.size > 0 && flight.money + amount > congestion.amountMax) break
        left -= amount
        limit.sent(amount)
        const expiresAtMs = nowMs + 30_000
        flight.send({ purpose: 'money', destination, amount, minimum: 0n, frames: MONEY, expiresAtMs })
      }
      if (left > 0n || flight.size > 0) {
        const dueMs = congestion.pausedUntilMs > nowMs ? congestion.pausedUntilMs : flight.lostAtMs
        return alarm.set(dueMs, nowMs)
      }
      alarm.clear()
      resolve(flight.last)
    }
    const alarm = new Alarm(globalThis, advance)
    advance()
  })
}
