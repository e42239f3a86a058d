import { accountId } from '@ilp/service-core'
import { type RecordingLogger, recordingLogger, testAccount } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import {
  createSecrets,
  type SessionId,
  type SettlementStore,
  type StoredAccount,
  StoreError,
} from '@ilp/store-traits'
import { onTestFinished } from 'vitest'
import {
  createEngineClient,
  createSettler,
  type EngineClientOptions,
  type SettlementAccount,
  type SettlementSettings,
  type Settler,
  type SettlerOptions,
} from '../src/index.js'

export type PeerAccount = StoredAccount & SettlementAccount

/** An account of a peer that is settled by these settings. */
export const settled = (
  name: string,
  settlement: SettlementSettings,
  fields: Partial<SettlementAccount> = {},
): PeerAccount => testAccount(name, { settlement, ...fields })

type Step = keyof SettlementStore

/** Whom the node owes what it has from others. */
const PAYER = testAccount('payer')

/** A store in memory whose steps of settlement fail on command, before or behind their effect. */
export class Scene {
  readonly memory = createMemoryStore<PeerAccount>({ secrets: createSecrets(new Uint8Array(32)) })
  readonly accounts = this.memory.accounts
  readonly calls: Step[] = []
  /** What was credited under each key. */
  readonly credits = new Map<string, bigint>()
  loses: string | undefined
  /** `before`: the step has no effect. `behind`: it has, and nobody hears of it. */
  fails: (step: Step) => 'before' | 'behind' | undefined = () => undefined
  /** Called with the account of each settlement that is about to be acknowledged. */
  acknowledging: (account: string) => Promise<void> | void = () => {}
  readonly #accountOf = new Map<string, string>()
  #session: Promise<SessionId> | undefined
  #seq = 0

  readonly store = {
    properties: () => ({ loses: this.loses, shared: true }),
    settlements: {
      settle: (account, terms) =>
        this.#step('settle', async () => {
          const settlement = await this.memory.settlements.settle(account, terms)
          if (settlement) this.#accountOf.set(settlement.key, account.id)
          return settlement
        }),
      readOutbox: () => this.#step('readOutbox', () => this.memory.settlements.readOutbox()),
      acknowledge: key =>
        this.#step('acknowledge', async () => {
          await this.acknowledging(this.#accountOf.get(key) ?? '')
          await this.memory.settlements.acknowledge(key)
        }),
      credit: incoming =>
        this.#step('credit', async () => {
          const credited = await this.memory.settlements.credit(incoming)
          if (credited !== 'key-reused') this.credits.set(incoming.key, credited)
          return credited
        }),
    } satisfies SettlementStore,
  }

  async put(...accounts: PeerAccount[]): Promise<void> {
    for (const account of accounts) await this.accounts.put(account)
  }

  /** Has the node owe so much more, or less, to an account: a packet's money. */
  async owe(account: PeerAccount, amount: bigint): Promise<void> {
    this.#session ??= this.memory.ledger.openSession({ leaseMs: 60_000, holdMaxMs: 60_000 })
    const [from, to] = amount < 0n ? [account, PAYER] : [PAYER, account]
    const [units] = amount < 0n ? [-amount] : [amount]
    const transfer = { from, incomingAmount: units, to, amount: units }
    const session = await this.#session
    this.#seq += 1
    await this.memory.ledger.apply(session, this.#seq, [{ kind: 'commit', transfer }])
  }

  async balanceOf({ id }: { readonly id: string }): Promise<bigint> {
    return (await this.memory.ledger.readBalance(accountId(id))).balance
  }

  /** How much waits to be acknowledged. */
  async outbox(): Promise<number> {
    return (await this.memory.settlements.readOutbox()).length
  }

  async #step<T>(step: Step, act: () => Promise<T>): Promise<T> {
    this.calls.push(step)
    const failure = this.fails(step)
    const unavailable = new StoreError('ERR_STORE_UNAVAILABLE', 'as the test wants it')
    if (failure === 'before') throw unavailable
    const result = await act()
    if (failure === 'behind') throw unavailable
    return result
  }
}

export async function startScene(): Promise<Scene> {
  const scene = new Scene()
  await scene.memory.start()
  onTestFinished(() => scene.memory.stop())
  return scene
}

export interface StartedSettler extends Settler {
  readonly logger: RecordingLogger
}

const FAST: Partial<SettlerOptions> = { checkIntervalMs: 1, retryMinMs: 1, retryMaxMs: 20 }

/** A settler on the scene's store and accounts, until the end of the test. */
export async function startSettler(
  scene: Scene,
  options: Partial<SettlerOptions> = {},
  client: Partial<EngineClientOptions> = {},
  token?: string,
): Promise<StartedSettler> {
  const logger = recordingLogger()
  const engines = createEngineClient({ token }, client)
  const settler = createSettler(
    { accounts: scene.accounts, store: scene.store, engines, logger },
    { ...FAST, ...options },
  )
  onTestFinished(async () => {
    await settler.stop()
    await engines.stop()
  })
  await settler.start()
  return { ...settler, logger }
}
