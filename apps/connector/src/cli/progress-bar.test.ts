import { expect, it } from 'vitest'
import type { ShownPayment } from './api-types.js'
import { progressBar } from './progress-bar.js'

it('tells what holds a payment up, in words that can not steer the terminal', () => {
  const written: string[] = []
  const sink = { isTTY: true, columns: 200, write: (text: string) => written.push(text) > 0 }
  const usd = { code: 'USD', scale: 2 }
  const payment: ShownPayment = {
    id: 'one',
    account: 'alice',
    pointer: '$shop.example',
    amount: { source: '1000' },
    end: null,
    detail: 'T04 of test.far: \u001b[2Jfull\nof it',
    sent: '500',
    delivered: '450',
    inFlight: '0',
    unknown: '0',
    asset: usd,
    receiverAsset: usd,
    beganAtMs: Date.now(),
    endedAtMs: null,
  }
  progressBar(sink, true).show(payment)
  const [line = ''] = written
  expect(line.slice('\r\u001b[K'.length)).toMatch(
    /^█{15}░{15} 50 % {2}5\.00 USD of 10\.00 USD sent {2}0\.\d s {2}T04 of test\.far: \\u001b\[2Jfull\\u000aof it$/,
  )
})
