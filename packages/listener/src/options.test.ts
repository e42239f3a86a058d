import { expect, test } from 'vitest'
import { createListener, LISTENER_DEFAULTS } from './index.js'

test.each(Object.keys(LISTENER_DEFAULTS))('%s is a whole number above zero', name => {
  for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => createListener({ host: '127.0.0.1', port: 0 }, { [name]: wrong })).toThrow(
      `${name} is ${wrong}, not a whole number above 0`,
    )
  }
})
