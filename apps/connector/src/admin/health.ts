import { z } from 'zod'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { Problem } from './problem.js'

export const healthEndpoints = ({ trouble }: Pick<AdminDeps, 'trouble'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/health',
    summary: 'Whether packets can be taken; asks for no token',
    isPublic: true,
    answers: { 200: { description: 'they can', schema: z.strictObject({ status: z.literal('ok') }) } },
    handle: async () => {
      const reason = await trouble()
      if (reason !== undefined) throw new Problem(503, reason)
      return { status: 200, body: { status: 'ok' } }
    },
  }),
]
