import { describe, expect, it } from 'vitest'
import type { Account } from '../page/api/types.js'
import { changesOf, EMPTY_FORM, formOf, settingsOf } from '../page/format/account-settings.js'

/** An account with more than the form shows. */
const ALL = {
  username: 'bob',
  id: 'b0b',
  origin: 'api',
  isDisabled: false,
  relation: 'peer',
  ilpAddress: 'test.bob',
  asset: { code: 'USD', scale: 2 },
  minBalance: '-10000',
  maxBalance: '18446744073709551616',
  rateLimit: { packetsPerMinute: 60 },
  http: { callbackUrl: 'https://here.example', outgoing: { url: 'https://bob.example/ilp', mode: 'async' } },
  btp: { outgoing: { url: 'wss://bob.example/btp' } },
  settlement: { engineUrl: 'http://127.0.0.1:3000', settleTo: '0', settleIntervalMs: 1_000 },
} as unknown as Account

describe('a new account', () => {
  it('has the settings that the form says, in units', () => {
    const form = {
      ...EMPTY_FORM,
      username: 'carol',
      scale: '2',
      minBalance: '-12.5',
      packetsPerMinute: '60',
      btpToken: 'secret',
      httpUrl: 'https://carol.example/ilp',
    }
    const { settings, faults } = settingsOf(form)
    expect(faults).toEqual({})
    expect(JSON.parse(JSON.stringify(settings))).toEqual({
      username: 'carol',
      relation: 'child',
      asset: { code: 'USD', scale: 2 },
      minBalance: '-1250',
      rateLimit: { packetsPerMinute: 60 },
      btp: { incomingTokens: ['secret'] },
      http: { outgoing: { url: 'https://carol.example/ilp' } },
    })
  })

  it('is not made of a form that is wrong: each field says how', () => {
    const { faults } = settingsOf({
      ...EMPTY_FORM,
      username: 'a b',
      relation: 'peer',
      scale: '256',
      minBalance: 'much',
      packetsPerMinute: '1.5',
    })
    const wrong = ['ilpAddress', 'minBalance', 'packetsPerMinute', 'scale', 'username']
    expect(Object.keys(faults).toSorted()).toEqual(wrong)
  })
})

describe('a change', () => {
  it('is nothing where the form was left as it is', () => {
    expect(changesOf(ALL, formOf(ALL))).toEqual({})
  })

  it('takes away what was cleared, and leaves what the form does not show', () => {
    const form = {
      ...formOf(ALL),
      maxBalance: '',
      packetsPerMinute: '',
      httpOutgoingToken: 'new',
      btpUrl: '',
      settleThreshold: '5',
    }
    expect(changesOf(ALL, form)).toEqual({
      maxBalance: null,
      rateLimit: null,
      http: {
        callbackUrl: 'https://here.example',
        outgoing: { url: 'https://bob.example/ilp', mode: 'async', token: 'new' },
      },
      btp: {},
      settlement: {
        engineUrl: 'http://127.0.0.1:3000',
        settleThreshold: '500',
        settleTo: '0',
        settleIntervalMs: 1_000,
      },
    })
  })
})
