import { z } from 'zod'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { Problem } from './problem.js'

const okSchema = z.strictObject({ status: z.literal('ok') })

export const healthEndpoints = ({ trouble }: Pick<AdminDeps, 'trouble'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/health',
    summary: 'Readiness: whether packets can be taken; asks for no token',
    isPublic: true,
    answers: { 200: { description: 'they can', schema: okSchema } },
    handle: async () => {
      const reason = await trouble()
      if (reason !== undefined) throw new Problem(503, reason)
      return { status: 200, body: { status: 'ok' } }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/health/live',
    summary: 'Liveness: whether the process answers, whatever else is wrong; asks for no token',
    isPublic: true,
    answers: { 200: { description: 'it does', schema: okSchema } },
    handle: () => ({ status: 200, body: { status: 'ok' } }),
  }),
]
