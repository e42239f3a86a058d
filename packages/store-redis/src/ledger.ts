import { randomBytes } from 'node:crypto'
import {
  type Balance,
  decodeOutcomes,
  ENDED_SESSION_KEPT_MS,
  type LedgerStore,
  type Operation,
  type Outcome,
  type Position,
  type SessionId,
  StoreError,
} from '@ilp/store-traits'
import type { Backend } from './backend.js'
import { assetNamed, encodeBatch } from './batch.js'
import type { Keys } from './keys.js'
import { APPLY } from './lua/apply.js'
import { READ_POSITIONS } from './lua/positions.js'
import { END_SESSION, OPEN_SESSION, RENEW_SESSION } from './lua/sessions.js'

const SESSION_ID_OCTETS = 16

const unknownSession = () => new StoreError('ERR_SESSION_UNKNOWN', 'no such session')

/** What the script says where it applied nothing. */
const NOT_APPLIED: readonly (() => StoreError)[] = [
  unknownSession,
  () => new StoreError('ERR_SEQ_PASSED', 'a later batch of the session has been applied'),
  () => new StoreError('ERR_SEQ_GAP', 'batches before this one have not been applied'),
]

export function redisLedger(backend: Backend, keys: Keys): LedgerStore {
  const end = async (session: SessionId, when: 'now' | 'expired'): Promise<boolean> => {
    const its = [keys.session(session), keys.holds(session), keys.balances, keys.live]
    return (await backend.run(END_SESSION, its, [session, String(ENDED_SESSION_KEPT_MS), when])) === 1
  }
  return {
    openSession: async ({ leaseMs, holdMaxMs }) => {
      const session = randomBytes(SESSION_ID_OCTETS).toString('base64url') as SessionId
      const terms = [String(leaseMs), String(holdMaxMs)]
      await backend.run(OPEN_SESSION, [keys.session(session), keys.live], [session, ...terms])
      return session
    },
    renewSession: async session => {
      const state = await backend.run(RENEW_SESSION, [keys.session(session)], [])
      if (state === 0) throw unknownSession()
      return state === 1 ? 'ended' : 'live'
    },
    endSession: async session => {
      await end(session, 'now')
    },
    endExpiredSessions: async () => {
      const live = (await backend.call('SMEMBERS', keys.live)) as SessionId[]
      const isEnded = await Promise.all(live.map(session => end(session, 'expired')))
      return live.filter((_, i) => isEnded[i])
    },
    apply: (session, seq, operations) => apply(backend, keys, session, seq, operations),
    readBalance: async account => {
      const kept = (await backend.call('HGET', keys.balances, account)) as string | null
      const [balance = '0', heldOut = '0', heldIn = '0'] = kept?.split(' ') ?? []
      return { balance: BigInt(balance), heldOut: BigInt(heldOut), heldIn: BigInt(heldIn) } satisfies Balance
    },
    readPositions: () => readPositions(backend, keys),
  }
}

async function readPositions(backend: Backend, keys: Keys): Promise<readonly Position[]> {
  const answer = await backend.run(READ_POSITIONS, [keys.positions, keys.settled, keys.adjusted], [])
  const [balances, settled, adjusted] = (answer as string[][]).map(toAmounts) as [Amounts, Amounts, Amounts]
  const names = new Set([...balances.keys(), ...settled.keys(), ...adjusted.keys()])
  return [...names]
    .map(name => ({
      asset: assetNamed(name),
      balance: balances.get(name) ?? 0n,
      settled: settled.get(name) ?? 0n,
      adjusted: adjusted.get(name) ?? 0n,
    }))
    .sort((a, b) => compare(a.asset.code, b.asset.code) || a.asset.scale - b.asset.scale)
}

type Amounts = ReadonlyMap<string, bigint>

function toAmounts(list: readonly string[]): Amounts {
  const amounts = new Map<string, bigint>()
  for (let i = 0; i < list.length; i += 2) amounts.set(list[i] as string, BigInt(list[i + 1] as string))
  return amounts
}

async function apply(
  backend: Backend,
  keys: Keys,
  session: SessionId,
  seq: number,
  operations: readonly Operation[],
): Promise<readonly Outcome[]> {
  backend.check()
  if (!Number.isSafeInteger(seq) || seq < 1) throw new RangeError(`${seq} is no number of a batch`)
  const its = [keys.session(session), keys.holds(session), keys.balances, keys.positions]
  const answer = await backend.run(APPLY, its, [String(seq), encodeBatch(operations)])
  if (typeof answer === 'string') return decodeOutcomes(answer)
  throw NOT_APPLIED[Number(answer) - 1]?.() ?? unknownSession()
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
