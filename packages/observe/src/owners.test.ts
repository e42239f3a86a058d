import { accountId } from '@ilp/service-core'
import { describe, expect, it } from 'vitest'
import { series } from '../test/support/exposition.js'
import { createMetrics, exposeOwners, LINKS_SHOWN_MAX, type Owners } from './index.js'

async function shown(owners: Owners) {
  const metrics = createMetrics()
  exposeOwners(metrics, owners)
  return series(await metrics.text())
}

const link = (account: string, sessions = 1) => ({
  account: accountId(account),
  sessions,
  pending: 3,
  unsentBytes: 4,
})

const http = (account: string) => ({
  account: accountId(account),
  inFlight: 0,
  lastSuccessAtMs: undefined,
  lastFailureAtMs: undefined,
  failingSinceMs: undefined,
})

describe('exposeOwners', () => {
  it('shows what the owners say', async () => {
    const read = await shown({
      links: () => [link('alice', 2)],
      linksWanted: () => [accountId('alice'), accountId('bob')],
      window: () => ({ packets: 5, accounts: 2, refused: 7 }),
      answers: () => ({ timedOut: 1, lateFulfills: 2, wrongFulfillments: 3 }),
      httpLinks: () => [
        { ...http('alice'), lastSuccessAtMs: 5_000, inFlight: 2 },
        { ...http('carol'), failingSinceMs: 1_000, lastFailureAtMs: 61_500 },
      ],
      ledger: () => ({
        isUp: true,
        sessions: 1,
        open: 9,
        waiting: 4,
        journaled: 3,
        unbooked: 2,
        recovered: 1,
        postedLate: 5,
      }),
      toReconcile: () => 6,
      alerts: () => [{ kind: 'link-down' }, { kind: 'link-down' }, { kind: 'store-out-of-reach' }],
      webhooks: () => [
        { origin: 'https://pager', waiting: 1, delivered: 2, failed: 3, dropped: 4 },
        { origin: 'https://pager', waiting: 10, delivered: 20, failed: 30, dropped: 40 },
      ],
      traces: () => ({ exported: 1, failed: 2, dropped: 3, waiting: 4 }),
      settlements: () => ({ outbox: 4, orphans: 1, engines: [] }),
      routes: () => 12,
      ready: async () => true,
    })
    expect(Object.fromEntries(read)).toEqual({
      ilp_scrape_failures_total: 0,
      'ilp_link_sessions{account="alice"}': 2,
      'ilp_link_sessions{account="bob"}': 0,
      'ilp_link_requests_pending{account="alice"}': 3,
      'ilp_link_requests_pending{account="bob"}': 0,
      'ilp_link_unsent_bytes{account="alice"}': 4,
      'ilp_link_unsent_bytes{account="bob"}': 0,
      ilp_links: 1,
      ilp_window_packets: 5,
      ilp_window_accounts: 2,
      ilp_window_refused_total: 7,
      ilp_answers_missing_total: 1,
      ilp_fulfills_late_total: 2,
      ilp_fulfills_wrong_total: 3,
      'ilp_http_link_requests_pending{account="carol"}': 0,
      'ilp_http_link_requests_pending{account="alice"}': 2,
      'ilp_http_link_failing_seconds{account="carol"}': 60.5,
      'ilp_http_link_failing_seconds{account="alice"}': 0,
      'ilp_http_link_last_success_seconds{account="alice"}': 5,
      ilp_ledger_up: 1,
      ilp_ledger_sessions: 1,
      ilp_ledger_transfers_open: 9,
      ilp_ledger_operations_waiting: 4,
      ilp_ledger_commits_journaled_total: 3,
      ilp_ledger_commits_unbooked_total: 2,
      ilp_ledger_commits_recovered_total: 1,
      ilp_ledger_commits_late_total: 5,
      ilp_reconciliation_entries: 6,
      'ilp_alerts{kind="link-down"}': 2,
      'ilp_alerts{kind="store-out-of-reach"}': 1,
      'ilp_webhook_events_total{origin="https://pager",outcome="delivered"}': 22,
      'ilp_webhook_events_total{origin="https://pager",outcome="failed"}': 33,
      'ilp_webhook_events_total{origin="https://pager",outcome="dropped"}': 44,
      'ilp_webhook_events_waiting{origin="https://pager"}': 11,
      'ilp_trace_spans_total{outcome="exported"}': 1,
      'ilp_trace_spans_total{outcome="failed"}': 2,
      'ilp_trace_spans_total{outcome="dropped"}': 3,
      ilp_trace_spans_waiting: 4,
      ilp_settlements_waiting: 4,
      ilp_settlements_orphaned: 1,
      ilp_routes: 12,
      ilp_ready: 1,
    })
  })

  it('shows no more links than it may, those that are wanted first', async () => {
    const many = Array.from({ length: LINKS_SHOWN_MAX + 10 }, (_, index) => link(`a${index}`))
    const read = await shown({ links: () => many, linksWanted: () => [accountId('wanted')] })
    const accounts = [...read.keys()].filter(name => name.startsWith('ilp_link_sessions'))
    expect(accounts).toHaveLength(LINKS_SHOWN_MAX)
    expect(accounts[0]).toContain('"wanted"')
    expect(read.get('ilp_links')).toBe(LINKS_SHOWN_MAX + 10)
  })

  it('shows no more peers over HTTP than it may, those that fail first', async () => {
    const many = Array.from({ length: LINKS_SHOWN_MAX + 10 }, (_, index) => http(`a${index}`))
    const failing = { ...http('failing'), failingSinceMs: 1, lastFailureAtMs: 2 }
    const read = await shown({ httpLinks: () => [...many, failing] })
    const accounts = [...read.keys()].filter(name => name.startsWith('ilp_http_link_failing_seconds'))
    expect(accounts).toHaveLength(LINKS_SHOWN_MAX)
    expect(accounts[0]).toContain('"failing"')
  })

  it("leaves secrets out of an engine's URL, and takes engines that look alike as one", async () => {
    const read = await shown({
      settlements: () => ({
        outbox: 0,
        orphans: 0,
        engines: [
          { url: 'http://user:secret@engine:3000/xrp?key=secret', isUp: true },
          { url: 'http://engine:3000/xrp', isUp: false },
          { url: 'http://other:3000/', isUp: undefined },
          { url: 'what is this', isUp: true },
        ],
      }),
    })
    const engines = [...read].filter(([name]) => name.startsWith('ilp_settlement_engine_up'))
    expect(Object.fromEntries(engines)).toEqual({
      'ilp_settlement_engine_up{engine="http://engine:3000/xrp"}': 0,
      'ilp_settlement_engine_up{engine="unreadable"}': 1,
    })
  })

  it('leaves out what throws, and counts it', async () => {
    const metrics = createMetrics()
    exposeOwners(metrics, {
      routes: () => {
        throw new Error('no table')
      },
      toReconcile: () => 1,
    })
    await metrics.text()
    const read = series(await metrics.text())
    expect(read.get('ilp_scrape_failures_total')).toBe(1)
    expect(read.has('ilp_routes')).toBe(false)
    expect(read.get('ilp_reconciliation_entries')).toBe(1)
  })
})
