import type { Reply, Service } from '@ilp/service-core'
import { testFulfill, testReject } from './packets.js'

/** A call that a scripted service has received. It ends with the first of `answer`, `fulfill`, `reject` and `fail`. */
export interface ScriptedCall<Request> {
  readonly request: Request
  readonly answer: (reply: Reply) => void
  /** Answers with a `testFulfill`. */
  readonly fulfill: () => void
  /** Answers with a `testReject` of this code; F99 unless given. */
  readonly reject: (code?: string) => void
  /** Throws, as only a bug makes a service do. */
  readonly fail: (error: unknown) => void
}

/** A service that leaves its answers to the test. Always ready. */
export interface ScriptedService<Request> extends Service<Request> {
  /** The next call in the order of their coming, as soon as it is there. */
  readonly next: () => Promise<ScriptedCall<Request>>
  /** The calls that `next` has not taken. */
  readonly waiting: () => number
}

export function scriptedService<Request>(): ScriptedService<Request> {
  const calls: ScriptedCall<Request>[] = []
  const takers: ((call: ScriptedCall<Request>) => void)[] = []
  return {
    ready: () => Promise.resolve(),
    call: request =>
      new Promise((answer, fail) => {
        const call: ScriptedCall<Request> = {
          request,
          answer,
          fulfill: () => answer(testFulfill()),
          reject: (code = 'F99') => answer(testReject({ code })),
          fail,
        }
        const taker = takers.shift()
        if (taker) taker(call)
        else calls.push(call)
      }),
    next: () => {
      const call = calls.shift()
      return call ? Promise.resolve(call) : new Promise(resolve => takers.push(resolve))
    },
    waiting: () => calls.length,
  }
}

/** A service that answers every `testPrepare` with its Fulfill, at once. */
export const fulfillingService = (): Service<unknown> => {
  const reply = testFulfill()
  return { ready: () => Promise.resolve(), call: () => Promise.resolve(reply) }
}
