import { z } from 'zod'
import { ALERT_KINDS } from '../alerts/kinds.js'
import { milliseconds, url } from './values.js'

const page = url(['http', 'https'])

/** What the node tells a collector of its packets. */
export const telemetry = z
  .strictObject({
    traces: z
      .strictObject({
        url: page,
        sample: z
          .number()
          .refine(share => share > 0 && share <= 1, 'expected a number above 0, up to 1')
          .default(0.01),
      })
      .optional(),
  })
  .prefault({})

/** When an alert is raised. */
export const alerts = z
  .strictObject({
    balanceFraction: z
      .number()
      .refine(fraction => fraction > 0 && fraction < 1, 'expected a number above 0 and below 1')
      .default(0.9),
    linkDownMs: milliseconds.default(60_000),
    settlementStuckMs: milliseconds.default(1_800_000),
    storeDownMs: milliseconds.default(5_000),
  })
  .prefault({})

/** Who is told of alerts. */
export const webhooks = z
  .array(
    z.strictObject({
      url: page,
      secret: z.string().min(16).max(1_024),
      events: z.array(z.enum(ALERT_KINDS)).min(1).optional(),
    }),
  )
  .max(16)
  .default([])
