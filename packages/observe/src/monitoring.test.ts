import { readFileSync } from 'node:fs'
import { accountId, type IncomingRequest, type OutgoingRequest, silentLogger } from '@ilp/service-core'
import { fulfillingService, testAccount, testPrepare, testReject } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets } from '@ilp/store-traits'
import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { families, series } from '../test/support/exposition.js'
import {
  createMetrics,
  exposeBalances,
  exposeOwners,
  observe,
  observedStore,
  observeOutgoing,
  packetMetrics,
  processMetrics,
} from './index.js'

/** What a node exposes when it has all that can be shown, with a sample of each family. */
async function exposed(): Promise<string> {
  const metrics = createMetrics()
  const secrets = createSecrets(Buffer.alloc(32))
  const store = observedStore(createMemoryStore({ secrets, logger: silentLogger }), metrics)
  await store.start()
  const alice = { ...testAccount('alice'), minBalance: -9n, maxBalance: 9n }
  await store.accounts.put(alice)
  await store.adjustments.adjust({ key: 'a', account: alice, amount: 1n, reason: 'to have a position' })
  exposeBalances(metrics, store)
  exposeOwners(metrics, {
    links: () => [{ account: accountId('alice'), sessions: 1, pending: 0, unsentBytes: 0 }],
    window: () => ({ packets: 0, accounts: 0, refused: 0 }),
    answers: () => ({ timedOut: 0, lateFulfills: 0, wrongFulfillments: 0 }),
    httpLinks: () => [
      {
        account: accountId('alice'),
        inFlight: 0,
        lastSuccessAtMs: 1,
        lastFailureAtMs: 2,
        failingSinceMs: 2,
      },
    ],
    ledger: () => ({
      isUp: true,
      sessions: 1,
      open: 0,
      waiting: 0,
      journaled: 0,
      unbooked: 0,
      recovered: 0,
      postedLate: 0,
    }),
    toReconcile: () => 0,
    alerts: () => [{ kind: 'link-down' }],
    webhooks: () => [{ origin: 'https://pager', waiting: 0, delivered: 0, failed: 0, dropped: 0 }],
    traces: () => ({ exported: 0, failed: 0, dropped: 0, waiting: 0 }),
    settlements: () => ({ outbox: 0, orphans: 0, engines: [{ url: 'http://engine/', isUp: true }] }),
    routes: () => 0,
    ready: async () => true,
  })
  processMetrics(metrics)
  const packets = packetMetrics(metrics)
  const request = { from: alice, to: alice, incomingAmount: 1n, prepare: testPrepare() }
  await observe({ packets })<IncomingRequest>(fulfillingService()).call(request)
  const rejecting = { ready: async () => {}, call: async () => testReject() }
  await observeOutgoing({ packets })<OutgoingRequest>(rejecting).call(request)
  const text = await metrics.text()
  await store.stop()
  return text
}

/** Whatever Prometheus adds to all that it scrapes, and Grafana to a query. */
const ADDED_LABELS = ['instance', 'job']
const withoutVariables = (query: string) => query.replaceAll('$__rate_interval', '5m')

interface Reading {
  readonly metrics: readonly string[]
  /** The labels that are named anywhere in the query. */
  readonly labels: readonly string[]
}

/** @throws Error for a query that Prometheus would refuse */
function read(query: string): Reading {
  const text = withoutVariables(query)
  const metrics: string[] = []
  const labels: string[] = []
  parser.parse(text).iterate({
    enter: ({ type, name, from, to }) => {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${text}`)
      if (name === 'Identifier') metrics.push(text.slice(from, to))
      if (name === 'LabelName') labels.push(text.slice(from, to))
    },
  })
  return { metrics, labels }
}

const file = (name: string) => readFileSync(new URL(`../monitoring/${name}`, import.meta.url), 'utf8')

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly description: string }
}
const rules = (parse(file('alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  group => group.rules,
)

interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}
const dashboard = JSON.parse(file('dashboard.json')) as {
  panels: Panel[]
  templating: { list: { name: string; definition?: string }[] }
}
const targets = dashboard.panels.flatMap(({ targets = [] }) => targets)
const queries = [...rules.map(({ expr }) => expr), ...targets.map(({ expr }) => expr)]

const exposition = await exposed()
/** The labels of each family's samples. */
const labelsOf = new Map<string, Set<string>>()
for (const sample of series(exposition).keys()) {
  const name = sample.replace(/\{.*/, '')
  const labels = labelsOf.get(name) ?? new Set(ADDED_LABELS)
  for (const [, label = ''] of sample.matchAll(/(\w+)="/g)) labels.add(label)
  labelsOf.set(name, labels)
}

describe('the dashboard and the alerts', () => {
  it('are there', () => {
    expect(rules.length).toBeGreaterThan(10)
    expect(targets.length).toBeGreaterThan(20)
  })

  it.each(queries)('ask for what a node exposes: %s', query => {
    const { metrics, labels } = read(query)
    expect(metrics.length).toBeGreaterThan(0)
    const known = new Set<string>()
    for (const metric of metrics) {
      expect([...labelsOf.keys()]).toContain(metric)
      for (const label of labelsOf.get(metric) ?? []) known.add(label)
    }
    for (const label of labels) expect([...known]).toContain(label)
  })

  it.each(rules)('say of $alert what it is, from labels that it has', ({ expr, labels, annotations }) => {
    expect(['warning', 'critical']).toContain(labels.severity)
    expect(annotations.description).toMatch(/\.$/)
    const known = new Set(read(expr).metrics.flatMap(metric => [...(labelsOf.get(metric) ?? [])]))
    for (const [, label = ''] of annotations.summary.matchAll(/\$labels\.(\w+)/g)) {
      expect([...known]).toContain(label)
    }
  })

  it('have legends from labels that there are', () => {
    for (const { expr, legendFormat } of targets) {
      const known = new Set(read(expr).metrics.flatMap(metric => [...(labelsOf.get(metric) ?? [])]))
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        expect([...known]).toContain(label)
    }
  })

  it('have variables of labels that there are', () => {
    for (const { definition } of dashboard.templating.list) {
      if (definition === undefined) continue
      const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? []
      expect([...(labelsOf.get(metric) ?? [])]).toContain(label)
    }
  })

  it('put no two panels in one place', () => {
    const ids = dashboard.panels.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const taken = new Set<string>()
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken, title).not.toContain(`${x},${y}`)
          taken.add(`${x},${y}`)
        }
      }
    }
  })

  it('leave out no metric without a reason', () => {
    const asked = new Set(queries.flatMap(query => read(query).metrics))
    const unasked = [...families(exposition).keys()].filter(
      name => ![name, `${name}_bucket`].some(one => asked.has(one)),
    )
    expect(unasked).toEqual([
      // A store that hangs shows in the transfers open.
      'ilp_store_calls_waiting',
      // For queries that join it.
      'ilp_account_info',
      // What fails is shown by how long it has.
      'ilp_http_link_last_success_seconds',
      'ilp_window_accounts',
      // For the counters' resets.
      'process_start_time_seconds',
    ])
  })

  it('would be refused with a name that nobody exposes, or a query that is none', () => {
    expect(read('rate(ilp_nothing_total{colour="red"}[5m])')).toEqual({
      metrics: ['ilp_nothing_total'],
      labels: ['colour'],
    })
    expect(() => read('sum by (rate(ilp_ready')).toThrow('not PromQL')
  })
})
