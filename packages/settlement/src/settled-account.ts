import type { AccountId, Logger } from '@ilp/service-core'
import type { OutgoingSettlement, SettlementStore, SettlementTerms } from '@ilp/store-traits'
import type { SettlementAccount, SettlementSettings } from './account.js'
import type { Engine } from './engine.js'
import { type EngineClient, type EngineReply, isAnswer, isDone, isRefused } from './engine-client.js'

export interface SettledAccountDeps {
  readonly store: { readonly settlements: Pick<SettlementStore, 'settle' | 'acknowledge'> }
  readonly engines: Pick<EngineClient, 'createAccount' | 'deleteAccount' | 'settle'>
  readonly logger: Logger
  readonly engine: (url: string) => Engine
  /** Makes sure that what is known of the outbox is of this moment. */
  readonly refresh: () => Promise<void>
  /** Has the balance looked at soon. */
  readonly mark: () => void
  /** There is nothing left to do for the account. */
  readonly forget: () => void
  readonly options: { readonly retryMinMs: number; readonly retryMaxMs: number }
  readonly signal: AbortSignal
}

/**
 * `removed`: its engine is told so. `left`: it has no engine any more, and may have one again. Either way, what is in
 * the outbox is sent before.
 */
type State = 'settled' | 'left' | 'removed'

/** One account on its way between the store and its engine: one settlement at a time, one request at a time. */
export class SettledAccount {
  isMarked = false
  /** What the outbox has of it. */
  entry: OutgoingSettlement | undefined
  readonly #deps: SettledAccountDeps
  #account: SettlementAccount
  #settings: SettlementSettings
  #state: State = 'settled'
  /** Whether its balance may be settled by the settings. */
  #isInOrder = false
  /** Whether the engine has been told of it. */
  #isCreated = false
  /** When it may be told of it again, after it has refused to hear of it. */
  #creationFromMs = 0
  /** Whether its time has come, whatever the threshold. */
  #isDue = false
  /** What the engine has, though the store hasn't heard of that. */
  #accepted: string | undefined
  /** The last key that is over: an older reading of the outbox may still have it. */
  #acknowledged: string | undefined
  #entryBeforeRead: OutgoingSettlement | undefined
  #working: Promise<void> | undefined
  #failures = 0
  #retryTimer: NodeJS.Timeout | undefined
  #dueTimer: NodeJS.Timeout | undefined

  constructor(account: SettlementAccount, settings: SettlementSettings, deps: SettledAccountDeps) {
    this.#account = account
    this.#settings = settings
    this.#deps = deps
  }

  get id(): AccountId {
    return this.#account.id
  }

  get engineUrl(): string {
    return this.#settings.engineUrl
  }

  /** Whether it is settled when its balance reaches a threshold. */
  get hasThreshold(): boolean {
    return this.#isInOrder && this.#settings.settleThreshold !== undefined
  }

  /** Takes over the account as it is now. @param isInOrder whether it can be settled by these settings */
  follow(account: SettlementAccount, settings: SettlementSettings, isInOrder: boolean): void {
    if (settings.engineUrl !== this.#settings.engineUrl) {
      this.#isCreated = false
      this.#creationFromMs = 0
      this.#failures = 0
    }
    if (settings.settleIntervalMs !== this.#settings.settleIntervalMs) this.#ceaseDue()
    this.#account = account
    this.#settings = settings
    this.#state = 'settled'
    this.#isInOrder = isInOrder && !account.isDisabled
    if (!this.#isInOrder) this.#ceaseDue()
    else if (settings.settleIntervalMs !== undefined && !this.#dueTimer) {
      this.#isDue = true
      this.#awaitDue(settings.settleIntervalMs)
    }
    this.#work()
  }

  leave(): void {
    this.#end('left')
  }

  remove(): void {
    this.#end('removed')
  }

  #end(state: State): void {
    this.#state = state
    this.#isInOrder = false
    this.#ceaseDue()
    this.#work()
  }

  /** Ends its timers, and waits for what is under way. */
  async stop(): Promise<void> {
    clearTimeout(this.#dueTimer)
    clearTimeout(this.#retryTimer)
    await this.#working
  }

  /** Makes the request that waits for its next time, if there is one. */
  retryNow(): void {
    if (!this.#retryTimer) return
    clearTimeout(this.#retryTimer)
    this.#creationFromMs = 0
    void this.#again()
  }

  /**
   * Has the store settle what is to be settled. While the outbox has something of the account, that goes first.
   * @throws StoreError when the store can't be reached
   */
  async check(): Promise<void> {
    this.isMarked = false
    const terms = this.#terms()
    if (this.entry || !terms || this.#deps.signal.aborted) return
    const wasDue = this.#isDue
    this.#isDue = false
    try {
      const entry = await this.#deps.store.settlements.settle(this.#account, terms)
      if (entry) this.#take(entry)
    } catch (error) {
      this.#isDue ||= wasDue
      throw error
    }
  }

  /** The outbox is about to be read. */
  readingOutbox(): void {
    this.#entryBeforeRead = this.entry
  }

  /** What was read. It may have changed since, by this process as well. */
  outboxRead(entry: OutgoingSettlement | undefined): void {
    if (this.#working || this.entry !== this.#entryBeforeRead || this.entry?.key === entry?.key) return
    // Another process was faster, with this settlement or with all the way to the next one.
    this.entry = undefined
    if (entry) this.#take(entry)
    else this.#deps.mark()
  }

  #terms(): SettlementTerms | undefined {
    if (!this.#isInOrder) return undefined
    const { settleTo = 0n, settleThreshold } = this.#settings
    const threshold = this.#isDue ? settleTo : settleThreshold
    return threshold === undefined ? undefined : { threshold, settleTo }
  }

  /** Waits for the next time at which it is due: the same one in all processes. */
  #awaitDue(intervalMs: number): void {
    this.#dueTimer = setTimeout(
      () => {
        this.#isDue = true
        this.#deps.mark()
        this.#awaitDue(intervalMs)
      },
      intervalMs - (Date.now() % intervalMs),
    )
  }

  #ceaseDue(): void {
    clearTimeout(this.#dueTimer)
    this.#dueTimer = undefined
    this.#isDue = false
  }

  #take(entry: OutgoingSettlement): void {
    if (entry.key === this.#acknowledged) return
    this.entry = entry
    this.#work()
  }

  #work(): void {
    if (this.#working || this.#deps.signal.aborted) return
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    this.#working = this.#attempt()
      .catch(err => {
        this.#deps.logger.error({ err, account: this.id }, 'a settlement could not be seen to')
        return 'failed' as const
      })
      .then(outcome => {
        this.#working = undefined
        if (outcome === 'done') return this.#done()
        this.#retryLater(outcome)
        // An account may be refused though its settlements aren't.
        if (!this.entry) this.#deps.mark()
      })
  }

  #done(): void {
    this.#failures = 0
    // What has come up during the attempt.
    if (this.entry || this.#wantsCreation() || this.#state === 'removed') this.#work()
    else if (this.#state === 'left') this.#deps.forget()
    else this.#deps.mark()
  }

  /** Does all that there is to do, in its order. */
  async #attempt(): Promise<'done' | 'failed' | 'refused'> {
    const created = this.#wantsCreation() ? await this.#create() : 'done'
    if (created === 'failed') return 'failed'
    const { entry } = this
    if (entry) {
      const sent = await this.#send(entry)
      if (sent !== 'done') return sent
    } else if (this.#state === 'removed') return this.#delete()
    return created
  }

  #wantsCreation(): boolean {
    const isWanted = this.#state === 'settled' && !this.#account.isDisabled
    return isWanted && !this.#isCreated && Date.now() >= this.#creationFromMs
  }

  async #create() {
    const url = this.engineUrl
    const reply = await this.#ask(signal => this.#deps.engines.createAccount(url, this.id, signal))
    // 409: it knows the account.
    this.#isCreated = isDone(reply) || (isAnswer(reply) && reply.status === 409)
    if (this.#isCreated) return 'done'
    if (!isRefused(reply)) return 'failed'
    this.#report(reply, {}, 'a settlement engine refuses an account')
    this.#creationFromMs = Date.now() + this.#deps.options.retryMaxMs / 2
    return 'refused'
  }

  async #send(entry: OutgoingSettlement) {
    const { engines, logger, store } = this.#deps
    const { key } = entry
    const fields = { account: this.id, amount: entry.amount.toString(), key }
    if (this.#accepted !== key) {
      const reply = await this.#ask(signal => engines.settle(this.engineUrl, entry, signal))
      if (isRefused(reply)) {
        this.#report(
          reply,
          fields,
          'a settlement engine refuses a settlement: it gets it again, and no other',
        )
        return 'refused'
      }
      if (!isDone(reply)) return 'failed'
      this.#accepted = key
      logger.info(fields, 'a settlement is with the engine')
    }
    try {
      await store.settlements.acknowledge(key)
    } catch (err) {
      logger.warn({ ...fields, err }, 'the store did not take that a settlement is with the engine')
      return 'failed'
    }
    this.#accepted = undefined
    this.#acknowledged = key
    if (this.entry === entry) this.entry = undefined
    return 'done'
  }

  async #delete() {
    const reply = await this.#ask(signal => this.#deps.engines.deleteAccount(this.engineUrl, this.id, signal))
    if (!isDone(reply) && !isRefused(reply)) return 'failed'
    // 404: it has forgotten the account, or never knew it.
    if (isRefused(reply) && !(isAnswer(reply) && reply.status === 404)) {
      this.#report(reply, {}, 'a settlement engine refuses to delete an account')
    }
    this.#state = 'left'
    return 'done'
  }

  async #ask(request: (signal: AbortSignal) => Promise<EngineReply>): Promise<EngineReply> {
    const engine = this.#deps.engine(this.engineUrl)
    const reply = await engine.slots.run(() => request(this.#deps.signal))
    if (!this.#deps.signal.aborted) engine.heard(reply)
    return reply
  }

  #report(reply: EngineReply, fields: object, message: string): void {
    const status = isAnswer(reply) ? reply.status : undefined
    this.#deps.logger.error({ account: this.id, engine: this.engineUrl, ...fields, status }, message)
  }

  /** A refusal is final as far as the engine is concerned; only somebody who looks at it can change that. */
  #retryLater(outcome: 'failed' | 'refused'): void {
    if (this.#deps.signal.aborted) return
    const { retryMinMs, retryMaxMs } = this.#deps.options
    const pauseMs =
      outcome === 'refused' ? retryMaxMs : Math.min(retryMinMs * 2 ** this.#failures, retryMaxMs)
    this.#failures += 1
    this.#retryTimer = setTimeout(() => void this.#again(), pauseMs * (0.5 + Math.random() / 2))
  }

  async #again(): Promise<void> {
    this.#retryTimer = undefined
    try {
      // Another process may have sent it long ago: the engine need not know its key any more.
      if (this.entry) await this.#deps.refresh()
    } catch (err) {
      this.#deps.logger.debug({ err }, 'the outbox could not be read')
      this.#retryLater('failed')
      return
    }
    this.#work()
  }
}
