import { randomBytes } from 'node:crypto'
import {
  type Balance,
  decodeOutcomes,
  ENDED_SESSION_KEPT_MS,
  type LedgerStore,
  type Operation,
  type Outcome,
  type SessionId,
  StoreError,
} from '@ilp/store-traits'
import type { Backend } from './backend.js'
import { encodeBatch } from './batch.js'

const SESSION_ID_OCTETS = 16

const unknownSession = () => new StoreError('ERR_SESSION_UNKNOWN', 'no such session')

/** What the function says where it applied nothing. */
const NOT_APPLIED: Readonly<Record<string, () => StoreError>> = {
  1: unknownSession,
  2: () => new StoreError('ERR_SEQ_PASSED', 'a later batch of the session has been applied'),
  3: () => new StoreError('ERR_SEQ_GAP', 'batches before this one have not been applied'),
}

/** What it says where accounts have no row yet. Nothing was applied. */
const ACCOUNTS_MISSING = '4'

const APPLY = {
  name: 'apply',
  text: 'SELECT apply($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
}

export function postgresLedger(backend: Backend): LedgerStore {
  return {
    openSession: async ({ leaseMs, holdMaxMs }) => {
      const session = randomBytes(SESSION_ID_OCTETS).toString('base64url') as SessionId
      const values = [session, leaseMs, holdMaxMs, ENDED_SESSION_KEPT_MS]
      await backend.move('SELECT open_session($1, $2, $3, $4)', values)
      return session
    },
    renewSession: async session => {
      const [[state] = []] = await backend.move('SELECT renew_session($1)', [session])
      if (state === null) throw unknownSession()
      return state as 'live' | 'ended'
    },
    endSession: async session => {
      await backend.move('SELECT end_session($1)', [session])
    },
    endExpiredSessions: async () => {
      const [[ended] = []] = await backend.move('SELECT end_expired_sessions()', [])
      return ended as SessionId[]
    },
    apply: (session, seq, operations) => apply(backend, session, seq, operations),
    readBalance: async account => {
      const [[balance, heldOut, heldIn] = ['0', '0', '0']] = (await backend.query(
        'SELECT balance, held_out, held_in FROM balances WHERE account = $1',
        [account],
      )) as string[][]
      return {
        balance: BigInt(balance as string),
        heldOut: BigInt(heldOut as string),
        heldIn: BigInt(heldIn as string),
      } satisfies Balance
    },
    readPositions: async () => {
      const rows = (await backend.query(
        'SELECT code, scale, balance, settled, adjusted FROM positions ORDER BY code, scale',
      )) as [string, number, string, string, string][]
      return rows.map(([code, scale, balance, settled, adjusted]) => ({
        asset: { code, scale },
        balance: BigInt(balance),
        settled: BigInt(settled),
        adjusted: BigInt(adjusted),
      }))
    },
  }
}

async function apply(
  backend: Backend,
  session: SessionId,
  seq: number,
  operations: readonly Operation[],
): Promise<readonly Outcome[]> {
  backend.check()
  if (!Number.isSafeInteger(seq) || seq < 1) throw new RangeError(`${seq} is no number of a batch`)
  const batch = encodeBatch(operations)
  const ask = async () => {
    const [[answer] = []] = await backend.move(APPLY, [session, seq, ...batch])
    return answer as string
  }
  let answer = await ask()
  if (answer === ACCOUNTS_MISSING) {
    await backend.move('SELECT make_accounts($1)', [batch[0]])
    answer = await ask()
  }
  const notApplied = NOT_APPLIED[answer]
  if (notApplied) throw notApplied()
  return decodeOutcomes(answer)
}
