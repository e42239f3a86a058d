import type { IlpFulfill, IlpPrepare, IlpReject, IlpReply } from 'ilp-packet'
import { serializeIlpPrepare, serializeIlpReply, Type } from 'ilp-packet'
import { assertType, describe, expectTypeOf, it } from 'vitest'
import { type Fulfill, isFulfill, type Prepare, type Reject, type Reply } from '../index.js'

declare const prepare: Prepare
declare const fulfill: Fulfill
declare const reject: Reject
declare const reply: Reply

describe('packets', () => {
  it("stand where ilp-packet's are asked for", () => {
    assertType<IlpPrepare>(prepare)
    assertType<IlpFulfill>(fulfill)
    assertType<IlpReject>(reject)
    assertType<IlpReply>(reply)
    assertType<Buffer>(serializeIlpPrepare(prepare))
    assertType<Buffer>(serializeIlpReply(reply))
  })

  it('have amounts to compute with, and none that is a float', () => {
    expectTypeOf(prepare.units).toEqualTypeOf<bigint>()
    expectTypeOf(prepare.amount).toEqualTypeOf<string>()
  })

  it('cannot be changed in place', () => {
    // @ts-expect-error: a changed amount is a new view
    prepare.units = 1n
    // @ts-expect-error
    prepare.expiresAtMs = 1
    // @ts-expect-error
    prepare.destination = 'g.mallory'
    // @ts-expect-error
    prepare.data = Buffer.alloc(0)
    // @ts-expect-error
    fulfill.fulfillment = Buffer.alloc(32)
    // @ts-expect-error
    reject.code = 'F00'
  })

  it('change in amount and expiry alone', () => {
    expectTypeOf(prepare.with({ units: 1n })).toEqualTypeOf<Prepare>()
    expectTypeOf(prepare.with({ expiresAtMs: 1 })).toEqualTypeOf<Prepare>()
    // @ts-expect-error: amounts are bigint
    prepare.with({ units: 1 })
    // @ts-expect-error: connectors don't change where a packet goes
    prepare.with({ destination: 'g.mallory' })
  })

  it('are made by decode and create, not of whatever looks alike', () => {
    // @ts-expect-error
    assertType<Prepare>({} as IlpPrepare)
    // @ts-expect-error
    assertType<Reply>(prepare)
    // @ts-expect-error
    assertType<Reply>({} as IlpReply)
  })

  it('are told apart by type, or with isFulfill', () => {
    if (reply.type === Type.TYPE_ILP_REJECT) expectTypeOf(reply).toEqualTypeOf<Reject>()
    else expectTypeOf(reply).toEqualTypeOf<Fulfill>()
    if (isFulfill(reply)) expectTypeOf(reply).toEqualTypeOf<Fulfill>()
    else expectTypeOf(reply).toEqualTypeOf<Reject>()
  })
})
