import { describe, expect, it } from 'vitest'
import { checkConfig } from './load.js'

const smallest = { ilpAddress: 'test.alice', secretSeed: '42'.repeat(32) }
const url = 'http://127.0.0.1:4318/v1/traces'
const hook = { url: 'https://pager.example/hook', secret: 's'.repeat(16) }

describe('what operators are told', () => {
  it('is nothing of traces and webhooks unless it is configured', () => {
    const { telemetry, webhooks, alerts } = checkConfig(smallest)
    expect(telemetry).toEqual({})
    expect(webhooks).toEqual([])
    expect(alerts).toEqual({
      balanceFraction: 0.9,
      linkDownMs: 60_000,
      settlementStuckMs: 1_800_000,
      storeDownMs: 5_000,
    })
    expect(checkConfig({ ...smallest, telemetry: { traces: { url } } }).telemetry.traces?.sample).toBe(0.01)
  })

  it('may go to private addresses, since the operator chooses them', () => {
    const webhooks = [{ ...hook, url: 'http://10.0.0.7:8080/', events: ['link-down', 'settlement-stuck'] }]
    expect(checkConfig({ ...smallest, webhooks }).webhooks).toEqual(webhooks)
  })

  it.each<[string, object, string]>([
    [
      'a sample above everything',
      { telemetry: { traces: { url, sample: 1.5 } } },
      'telemetry.traces.sample: expected a number above 0, up to 1',
    ],
    ['a sample of nothing', { telemetry: { traces: { url, sample: 0 } } }, 'telemetry.traces.sample: '],
    ['traces to nowhere', { telemetry: { traces: {} } }, 'telemetry.traces.url: missing: expected'],
    [
      'an alert at the limit itself',
      { alerts: { balanceFraction: 1 } },
      'alerts.balanceFraction: expected a number above 0 and below 1',
    ],
    ['a webhook with a short secret', { webhooks: [{ ...hook, secret: 'short' }] }, 'webhooks[0].secret: '],
    [
      'a webhook for what nobody tells',
      { webhooks: [{ ...hook, events: ['rain'] }] },
      'webhooks[0].events[0]: ',
    ],
    ['too many webhooks', { webhooks: Array.from({ length: 17 }, () => hook) }, 'webhooks: '],
    [
      'a password in a URL',
      { webhooks: [{ ...hook, url: 'https://us:them@pager.example' }] },
      'webhooks[0].url: expected a URL without a password',
    ],
  ])('is refused with %s', (_, settings, message) => {
    expect(() => checkConfig({ ...smallest, ...settings })).toThrow(message)
  })
})
