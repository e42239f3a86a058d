import { cpuMicros } from '../cpu.js'
import type { BtpPeer } from './btp-socket.js'
import { Receiver } from './receiver.js'
import { Sender } from './sender.js'

/** A load, and where it goes through. */
export type LoadOptions = {
  /** The account that Prepares are sent from. */
  readonly sender: BtpPeer
  /** The account that they come out at, if `destination` leads there. It fulfils each at once. */
  readonly receiver: BtpPeer
  /** An ILP address of at most 72 characters. */
  readonly destination: string
  /** Of each Prepare; 1 unless set. */
  readonly amount?: bigint
  /** Prepares in flight at a time, 1..65,536. */
  readonly window: number
  /** How long packets flow before they are measured; 0 unless set. */
  readonly warmupMs?: number
  /**
   * Whether the load's process polls its sockets instead of sleeping until something comes; not unless set. For
   * windows of a few packets: takes the machine's wake-ups on this side out of the latencies, for a whole core.
   */
  readonly busyPoll?: boolean
  /** A process to take the CPU time of while packets are measured: the connector. Linux only. */
  readonly cpuPid?: number
  /** What is measured: so many answers, or the answers of so long. */
} & ({ readonly packets: number } | { readonly durationMs: number })

export interface LoadResult {
  /** Over the whole run, warm-up included: what balances show. Each Prepare sent has been answered. */
  readonly sent: number
  readonly fulfilled: number
  /** By ILP error code; `BTP` for a BTP error or an answer without an ILP packet. */
  readonly rejected: Readonly<Record<string, number>>
  /** Prepares that came to the receiver, those of peer protocols included. */
  readonly delivered: number

  /** Answers of the measured part, of whatever kind, and how long they took. */
  readonly packets: number
  readonly durationMs: number
  readonly packetsPerSecond: number
  /** From the write of a Prepare to the read of its answer, within 1 %. */
  readonly latencyMs: {
    readonly p50: number
    readonly p90: number
    readonly p99: number
    readonly max: number
  }
  /** CPU time of `cpuPid` per packet. */
  readonly cpuMicrosPerPacket: number | undefined
  /** The share of one core that the load itself took: near 1 without `busyPoll`, it is the load that was measured. */
  readonly loadCpu: number
}

/** Keeps the event loop from sleeping until the function that it returns is called. */
function keepAwake(): () => void {
  let next: NodeJS.Immediate
  const again = () => {
    next = setImmediate(again)
  }
  again()
  return () => clearImmediate(next)
}

/** Sends the load, in this process, until all is measured and answered. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const receiver = new Receiver(options.receiver)
  const sender = new Sender(options)
  const failed = Promise.race([receiver.socket.failed, sender.socket.failed])
  const sleep = options.busyPoll ? keepAwake() : () => {}
  try {
    await Promise.race([failed, Promise.all([receiver.socket.opened, sender.socket.opened])])
    const { warmupMs = 0, cpuPid } = options
    await Promise.race([failed, sender.warmUp(warmupMs)])
    const cpuBefore = cpuPid === undefined ? 0 : cpuMicros(cpuPid)
    const ownBefore = process.cpuUsage()
    const { packets, durationMs, latencies } = await Promise.race([failed, sender.measure(options)])
    const own = process.cpuUsage(ownBefore)
    const cpu = cpuPid === undefined ? undefined : cpuMicros(cpuPid) - cpuBefore
    await Promise.race([failed, sender.drain()])
    return {
      sent: sender.sent,
      fulfilled: sender.fulfilled,
      rejected: Object.fromEntries(sender.rejected),
      delivered: receiver.delivered,
      packets,
      durationMs,
      packetsPerSecond: Math.round((packets / durationMs) * 1_000),
      latencyMs: {
        p50: latencies.quantile(0.5),
        p90: latencies.quantile(0.9),
        p99: latencies.quantile(0.99),
        max: latencies.quantile(1),
      },
      cpuMicrosPerPacket: cpu === undefined ? undefined : cpu / packets,
      loadCpu: (own.user + own.system) / 1_000 / durationMs,
    }
  } finally {
    sleep()
    receiver.socket.close()
    sender.socket.close()
  }
}
