import { createHash } from 'node:crypto'
import type { RejectFields } from '@ilp/service-core'
import { Fulfill, type FulfillFields, Prepare, type PrepareFields, Reject } from '@ilp/service-core'

/** The preimage of `TEST_CONDITION`. */
export const TEST_FULFILLMENT: Uint8Array = new Uint8Array(32).fill(7)

/** The condition that `testPrepare` sets and `testFulfill` fulfills. */
export const TEST_CONDITION: Uint8Array = createHash('sha256').update(TEST_FULFILLMENT).digest()

const NO_DATA = new Uint8Array(0)

/** 100 units to `test.receiver.bob`, with 30 seconds to go. */
export const testPrepare = (fields: Partial<PrepareFields> = {}): Prepare =>
  Prepare.create({
    units: 100n,
    expiresAt: new Date(Date.now() + 30_000),
    executionCondition: TEST_CONDITION,
    destination: 'test.receiver.bob',
    data: NO_DATA,
    ...fields,
  })

/** Fulfills a `testPrepare`. */
export const testFulfill = (fields: Partial<FulfillFields> = {}): Fulfill =>
  Fulfill.create({ fulfillment: TEST_FULFILLMENT, data: NO_DATA, ...fields })

/** An application's final error, from `test.receiver`. */
export const testReject = (fields: Partial<RejectFields> = {}): Reject =>
  Reject.create({ code: 'F99', triggeredBy: 'test.receiver', message: 'no', data: NO_DATA, ...fields })
