import { Prepare } from '@ilp/service-core'
import { testPrepare } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { forward, nameOfPrimary } from '../example/usage.js'
import { encodeIlp, FrameType, frameRequestId, readIlp } from './index.js'

test('the example decodes what it encoded, and forwards a packet under another request id', () => {
  expect(nameOfPrimary()).toBe('balance')
  const forwarded = forward(encodeIlp(FrameType.MESSAGE, 4, testPrepare({ units: 9n })), 7) as Buffer
  expect(frameRequestId(forwarded)).toBe(7)
  expect(Prepare.decode(readIlp(forwarded) as Buffer).units).toBe(9n)
})
