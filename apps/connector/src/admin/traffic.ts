import { z } from 'zod'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'

const count = z.number().min(0)

const trafficSchema = z.strictObject({
  fulfilled: count,
  rejected: count,
  rejects: z.record(z.string(), count).meta({ description: 'by code' }),
  inFlight: count,
  fulfilledWithin: z
    .array(z.strictObject({ ms: z.number().nullable(), count }))
    .meta({ description: 'how many were fulfilled within so many milliseconds; null: whatever they took' }),
})

export type ShownTraffic = z.input<typeof trafficSchema>

interface Value {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export const trafficEndpoints = ({ metrics }: Pick<AdminDeps, 'metrics'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/traffic',
    summary: 'The packets that came from accounts since this process began, added up',
    answers: { 200: { description: 'what one asks twice shows what passes', schema: trafficSchema } },
    handle: async () => ({ status: 200, body: await readTraffic(metrics) }),
  }),
]

/** Adds up what the metrics count, without a scrape: that costs more, and begins figures of its own anew. */
async function readTraffic({ registry }: Pick<AdminDeps['metrics'], 'registry'>): Promise<ShownTraffic> {
  const read = async (name: string): Promise<readonly Value[]> => {
    const family = await registry.getSingleMetric(name)?.get()
    const values = (family?.values ?? []) as readonly Value[]
    return values.filter(({ labels }) => labels['direction'] === 'incoming')
  }
  const rejects: Record<string, number> = {}
  for (const { labels, value } of await read('ilp_rejects_total')) {
    const { code = 'other' } = labels
    rejects[code] = (rejects[code] ?? 0) + value
  }
  const fulfilledWithin = (await read('ilp_packet_duration_seconds')).flatMap(({ labels, value }) => {
    const { outcome, le } = labels
    if (outcome !== 'fulfilled' || le === undefined) return []
    return { ms: le === '+Inf' ? null : Number(le) * 1_000, count: value }
  })
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)
  return {
    fulfilled: fulfilledWithin.at(-1)?.count ?? 0,
    rejected: sum(Object.values(rejects)),
    rejects,
    inFlight: sum((await read('ilp_packets_in_flight')).map(({ value }) => value)),
    fulfilledWithin,
  }
}
