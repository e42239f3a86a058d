import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'

export const metricsEndpoints = ({ metrics }: Pick<AdminDeps, 'metrics'>): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/metrics',
    summary: "This process's figures, for Prometheus to scrape",
    answers: { 200: { description: "Prometheus's text format", contentType: metrics.contentType } },
    handle: async () => ({
      status: 200,
      body: await metrics.text(),
      headers: { 'content-type': metrics.contentType },
    }),
  }),
]
