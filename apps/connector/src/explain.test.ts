import { StoreError } from '@ilp/store-traits'
import { expect, test } from 'vitest'
import { ConfigError } from './config/load.js'
import { explain } from './explain.js'

test.each([
  [
    new ConfigError('listen: expected HOST:PORT'),
    'The configuration is refused:\nlisten: expected HOST:PORT',
  ],
  [
    new StoreError('ERR_DIRECTORY_LOCKED', 'process 7 uses ./journal'),
    "The connector can't start: process 7 uses ./journal",
  ],
  [
    Object.assign(new Error('listen EACCES: permission denied 127.0.0.1:80'), { syscall: 'listen' }),
    "The connector can't start: listen EACCES: permission denied 127.0.0.1:80",
  ],
])('what an operator can mend is said in words', (error, text) => {
  expect(explain(error)).toBe(text)
})

test('a bug is shown whole', () => {
  const error = new TypeError('undefined is not a function')
  expect(explain(error)).toBe(error)
})
