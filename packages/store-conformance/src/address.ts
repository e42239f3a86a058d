import { deepEqual, equal } from 'node:assert/strict'
import { heard } from './given.js'
import type { Cases } from './scene.js'

const alone: Cases = {
  trait: 'address',
  cases: {
    'is not known at first': async ({ open }) => {
      const { address } = await open()
      equal(address.get(), undefined)
    },
    'is what it was set to last': async ({ open }) => {
      const { address } = await open()
      await address.set('test.alice')
      equal(address.get(), 'test.alice')
      await address.set('test.parent.alice')
      equal(address.get(), 'test.parent.alice')
    },
    'is announced once it can be seen': async ({ open, eventually }) => {
      const { address } = await open()
      const seen: unknown[] = []
      const leave = address.watch(now => void seen.push([now, address.get()]))
      const all = heard(address.watch)
      await address.set('test.alice')
      await eventually('the address is announced', () => all.length === 1)
      await address.set('test.alicia')
      await eventually('the next one is announced', () => all.length === 2)
      leave()
      await address.set('test.bob')
      await eventually('the last one is announced', () => all.length === 3)
      deepEqual(seen, [
        ['test.alice', 'test.alice'],
        ['test.alicia', 'test.alicia'],
      ])
    },
    'is told to the others when a listener throws': async ({ open, eventually }) => {
      const { address } = await open()
      address.watch(() => {
        throw new Error('a listener that throws')
      })
      const changes = heard(address.watch)
      await address.set('test.alice')
      await eventually('the address is announced', () => changes.length === 1)
    },
  },
}

const shared: Cases = {
  trait: 'address',
  needs: ['concurrent'],
  cases: {
    'is in force in another store': async ({ openPair, eventually }) => {
      const [one, other] = await openPair()
      const changes = heard(other.address.watch)
      await one.address.set('test.alice')
      await eventually('the address is announced', () => changes.length === 1)
      equal(other.address.get(), 'test.alice')
      deepEqual(changes, ['test.alice'])
    },
  },
}

const kept: Cases = {
  trait: 'address',
  needs: ['durable'],
  cases: {
    'outlives a restart': async ({ open }) => {
      const before = await open()
      await before.address.set('test.alice')
      await before.stop()
      const { address } = await open()
      equal(address.get(), 'test.alice')
    },
  },
}

export const addressCases: readonly Cases[] = [alone, shared, kept]
