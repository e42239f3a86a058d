import { execFileSync, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { testFulfill, testReject } from '@ilp/service-testing'
import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { outcome, send } from './support/packets.js'
import { account, dialled, type Settings } from './support/settings.js'

/** No packets but those of the test. */
const silent = { sendRoutes: false, receiveRoutes: false }

/** A connector with two accounts and one that can't be reached, and what it answers to a scrape. */
async function observedNode(more: Settings = {}) {
  const node = await startConnector({
    ...more,
    ilpAddress: 'test.node',
    accounts: [
      account('alice', silent),
      account('bob', silent),
      account('carol', { ...silent, relation: 'peer', btp: dialled('ws://127.0.0.1:9/', 'token') }),
    ],
    routes: [{ prefix: 'test.carol', account: 'carol' }],
  })
  const scrape = async () => {
    const response = await node.admin('/metrics')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const lines = (await response.text()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
    return new Map(
      lines.map(line => {
        const space = line.lastIndexOf(' ')
        return [line.slice(0, space), Number(line.slice(space + 1))]
      }),
    )
  }
  return { node, scrape }
}

describe('GET /metrics', () => {
  it('counts the packets of a node exactly, on their way in and out', async () => {
    const { node, scrape } = await observedNode()
    const alice = await node.plugin('alice')
    const bob = await node.plugin('bob')
    const answers = [testFulfill(), testReject({ code: 'F99' }), testReject({ code: '"}!' }), testFulfill()]
    bob.registerDataHandler(async () => (answers.shift() ?? testFulfill()).toBuffer())
    const outcomes: string[] = []
    for (const [destination, units] of [
      ['test.node.bob.shop', 10n],
      ['test.node.bob.shop', 20n],
      ['test.node.bob.shop', 30n],
      ['test.node.bob.shop', 40n],
      ['test.nowhere', 50n],
      ['test.carol', 60n],
    ] as const) {
      outcomes.push(outcome(await send(alice, destination, units)))
    }
    expect(outcomes).toEqual(['fulfilled', 'F99', '"}!', 'fulfilled', 'F02', 'T01'])

    const read = await scrape()
    const incoming = 'account="alice",direction="incoming"'
    expect(read.get(`ilp_packets_total{${incoming},outcome="fulfilled"}`)).toBe(2)
    expect(read.get(`ilp_packets_total{${incoming},outcome="rejected"}`)).toBe(4)
    for (const code of ['F99', 'other', 'F02', 'T01']) {
      expect(read.get(`ilp_rejects_total{${incoming},code="${code}"}`)).toBe(1)
    }
    expect(read.get(`ilp_fulfilled_units_total{${incoming}}`)).toBe(50)
    const outgoing = 'account="bob",direction="outgoing"'
    expect(read.get(`ilp_packets_total{${outgoing},outcome="fulfilled"}`)).toBe(2)
    expect(read.get(`ilp_packets_total{${outgoing},outcome="rejected"}`)).toBe(2)
    expect(read.get(`ilp_fulfilled_units_total{${outgoing}}`)).toBe(50)
    expect(read.get('ilp_packets_total{account="carol",direction="outgoing",outcome="rejected"}')).toBe(1)
    for (const labels of [incoming, outgoing]) expect(read.get(`ilp_packets_in_flight{${labels}}`)).toBe(0)
  })

  it('shows balances, links, holds and the store as they are', async () => {
    const { node, scrape } = await observedNode()
    const alice = await node.plugin('alice')
    const bob = await node.plugin('bob')
    bob.registerDataHandler(async () => testFulfill().toBuffer())
    await send(alice, 'test.node.bob.shop', 10n)
    const read = await scrape()
    expect(read.get('ilp_ready')).toBe(1)
    expect(read.get('ilp_balance_units{account="alice"}')).toBe(-10)
    expect(read.get('ilp_balance_units{account="bob"}')).toBe(10)
    expect(read.get('ilp_balance_min_units{account="alice"}')).toBe(-1_000_000_000_000)
    expect(read.get('ilp_position_units{asset="USD",scale="9"}')).toBe(0)
    expect(read.get('ilp_balances_unread')).toBe(0)
    expect(read.get('ilp_link_sessions{account="alice"}')).toBe(1)
    expect(read.get('ilp_link_sessions{account="carol"}')).toBe(0)
    expect(read.get('ilp_ledger_transfers_open')).toBe(0)
    expect(read.get('ilp_ledger_operations_total')).toBe(2)
    expect(read.get('ilp_store_calls_total{call="ledger.apply",outcome="ok"}')).toBe(2)
    expect(read.get('ilp_scrape_failures_total')).toBe(0)
    await alice.disconnect()
    await eventually(async () => (await scrape()).has('ilp_link_sessions{account="alice"}')).toBe(false)
  })

  it("asks for the operator's token", async () => {
    const { node } = await observedNode()
    for (const headers of [{}, { authorization: 'Bearer token-of-alice' }]) {
      const response = await fetch(`${node.adminUrl}/metrics`, { headers })
      expect(response.status).toBe(401)
      expect(await response.text()).not.toContain('ilp_')
    }
  })
})

/** The metrics that a query asks for. @throws Error for a query that Prometheus would refuse */
function metricsOf(query: string): string[] {
  const text = query.replaceAll('$__rate_interval', '5m')
  const metrics: string[] = []
  parser.parse(text).iterate({
    enter: ({ type, name, from, to }) => {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${text}`)
      if (name === 'Identifier') metrics.push(text.slice(from, to))
    },
  })
  return metrics
}

const monitoring = (name: string) =>
  readFile(new URL(`../../../packages/observe/monitoring/${name}`, import.meta.url), 'utf8')

const queriesOf: Readonly<Record<string, (text: string) => string[]>> = {
  'dashboard.json': text => {
    const { panels } = JSON.parse(text) as { panels: { targets?: { expr: string }[] }[] }
    return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  },
  'alerts.yaml': text => {
    const { groups } = parse(text) as { groups: { rules: { expr: string }[] }[] }
    return groups.flatMap(({ rules }) => rules.map(({ expr }) => expr))
  },
}

describe('the dashboard and the alerts of the package', () => {
  it.each(Object.keys(queriesOf))('%s asks for nothing that a running node does not expose', async name => {
    // Nobody takes the spans.
    const { node } = await observedNode({ telemetry: { traces: { url: 'http://127.0.0.1:9/' } } })
    const text = await (await node.admin('/metrics')).text()
    const exposed = new Set(Array.from(text.matchAll(/^# TYPE (\S+)/gm), ([, family]) => family))
    const queries = queriesOf[name]?.(await monitoring(name)) ?? []
    expect(queries.length).toBeGreaterThan(20)
    for (const metric of queries.flatMap(metricsOf)) {
      expect(exposed).toContain(metric.replace(/_bucket$/, ''))
    }
  })

  // Prometheus's own judgement, where the machine has it.
  const promtool = spawnSync('promtool', ['--version']).error ? [] : ['promtool']
  it.each(promtool)('pass %s', async program => {
    const rules = fileURLToPath(new URL('../../../packages/observe/monitoring/alerts.yaml', import.meta.url))
    expect(execFileSync(program, ['check', 'rules', rules], { encoding: 'utf8' })).toContain('SUCCESS')
    const { node } = await observedNode()
    const input = await (await node.admin('/metrics')).text()
    const { status, stderr } = spawnSync(program, ['check', 'metrics'], { input, encoding: 'utf8' })
    // 3: it has been read, and names are not to promtool's taste.
    expect([0, 3], stderr).toContain(status)
  })
})
