import { expect, test } from 'vitest'
import { parseOutgoingUrl } from './outgoing-url.js'

test.each([
  ['wss://bob.example/btp', 'wss://bob.example/btp', undefined],
  ['ws://127.0.0.1:7768', 'ws://127.0.0.1:7768/', undefined],
  ['btp+wss://bob.example:8443/a?b=c', 'wss://bob.example:8443/a?b=c', undefined],
  ['BTP+WS://bob.example/', 'ws://bob.example/', undefined],
  ['btp+ws://alice@bob.example/', 'ws://bob.example/', 'alice'],
  ['wss://a%40b@bob.example/', 'wss://bob.example/', 'a@b'],
])('%s is dialled at %s as %s', (text, url, username) => {
  const target = parseOutgoingUrl(text)
  expect(target?.url.href).toBe(url)
  expect(target?.username).toBe(username)
})

test.each([
  ['', 'nothing'],
  ['bob.example', 'no scheme'],
  ['https://bob.example/btp', 'another scheme'],
  ['btp+https://bob.example/btp', 'another scheme behind btp+'],
  ['btp+ws://:token@bob.example/', 'a token'],
  ['wss://alice:token@bob.example/', 'a user name and a token'],
  ['wss://%ff@bob.example/', 'a user name that is not UTF-8'],
  ['wss://bob.example/#here', 'a fragment'],
])('%s is refused: %s', text => {
  expect(parseOutgoingUrl(text)).toBeUndefined()
})
