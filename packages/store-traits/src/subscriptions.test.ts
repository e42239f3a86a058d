import { type Logger, silentLogger } from '@ilp/service-core'
import { expect, test } from 'vitest'
import { StoreError } from './error.js'
import { Feed } from './feed.js'
import { Subscriptions } from './subscriptions.js'

function given() {
  const errors: object[] = []
  const logger: Logger = { ...silentLogger, error: fields => void errors.push(fields) }
  const state = { isOpen: true }
  const subscriptions = new Subscriptions({
    logger,
    check: () => {
      if (!state.isOpen) throw new StoreError('ERR_STORE_CLOSED', 'closed')
    },
  })
  return { errors, state, subscriptions }
}

test('a listener that throws is logged, and the others are told', () => {
  const { errors, subscriptions } = given()
  const feed = new Feed<number>()
  const fault = new Error('a listener’s fault')
  const heard: number[] = []
  subscriptions.watch(feed)(() => {
    throw fault
  })
  subscriptions.watch(feed)(change => heard.push(change))
  feed.announce(1)
  expect(heard).toEqual([1])
  expect(errors).toEqual([{ err: fault }])
})

test('each can be ended by itself, more than once, and all at once', () => {
  const { subscriptions } = given()
  const [numbers, words] = [new Feed<number>(), new Feed<string>()]
  const heard: unknown[] = []
  const end = subscriptions.watch(numbers)(change => heard.push(change))
  subscriptions.watch(words)(change => heard.push(change))
  end()
  end()
  numbers.announce(1)
  words.announce('one')
  subscriptions.endAll()
  words.announce('two')
  expect(heard).toEqual(['one'])
})

test('nobody subscribes to a store that is not open', () => {
  const { state, subscriptions } = given()
  const feed = new Feed<number>()
  const heard: number[] = []
  state.isOpen = false
  expect(() => subscriptions.watch(feed)(change => heard.push(change))).toThrow('closed')
  feed.announce(1)
  expect(heard).toEqual([])
})
