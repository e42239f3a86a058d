import { describe, expect, it } from 'vitest'
import { accountFromConfig } from '../account.js'
import { accountSettings } from '../config/schema.js'
import { shownAccount, shownAccountSchema } from './account-view.js'

/** Every setting that an account can have. */
const ALL = {
  username: 'bob',
  id: 'b0b',
  relation: 'peer',
  ilpAddress: 'test.bob',
  asset: { code: 'USD', scale: 9 },
  minBalance: '-18446744073709551616',
  maxBalance: '18446744073709551616',
  maxPacketAmount: '5',
  rateLimit: { packetsPerMinute: 1, amountPerMinute: '2' },
  outgoingRateLimit: { packetsPerMinute: 3, amountPerMinute: '4' },
  sendRoutes: false,
  receiveRoutes: true,
  http: {
    incomingCertificates: [],
    callbackUrl: 'https://alice.example/callback',
    outgoing: { url: 'https://bob.example/ilp', mode: 'async' },
  },
  btp: { outgoing: { url: 'wss://bob.example/btp' } },
  settlement: {
    engineUrl: 'http://127.0.0.1:3000',
    settleThreshold: '5000',
    settleTo: '10',
    settleIntervalMs: 1000,
  },
}

describe('an account as it is shown', () => {
  it('has every setting that it was made of', () => {
    expect(Object.keys(ALL).toSorted()).toEqual(Object.keys(accountSettings.shape).toSorted())
    const { origin, isDisabled, ...settings } = shownAccount(accountFromConfig(accountSettings.parse(ALL)))
    expect({ origin, isDisabled }).toEqual({ origin: 'file', isDisabled: false })
    expect(settings).toEqual(ALL)
  })

  it('has no place for tokens', () => {
    const shown = shownAccount(accountFromConfig(accountSettings.parse(ALL)))
    expect(shownAccountSchema.safeParse(shown).success).toBe(true)
    const http = { incomingTokens: ['secret'] }
    expect(shownAccountSchema.safeParse({ ...shown, http }).success).toBe(false)
  })
})
