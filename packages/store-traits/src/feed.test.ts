import { expect, test } from 'vitest'
import { Feed } from './feed.js'

test('tells everybody of changes in the order in which they were made, also of those that a listener makes', () => {
  const feed = new Feed<number>()
  const heard: string[] = []
  feed.subscribe(change => {
    heard.push(`a${change}`)
    if (change === 1) feed.announce(2)
  })
  feed.subscribe(change => heard.push(`b${change}`))
  feed.announce(1)
  expect(heard).toEqual(['a1', 'b1', 'a2', 'b2'])
})

test('tells nobody who has left, not even of a change that is being told', () => {
  const feed = new Feed<number>()
  const heard: number[] = []
  feed.subscribe(() => leave())
  const leave = feed.subscribe(change => heard.push(change))
  feed.announce(1)
  expect(heard).toEqual([])
})
