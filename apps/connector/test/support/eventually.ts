import { expect } from 'vitest'

/** What a call gives, as soon as it is as it should be. */
export const eventually = <T>(look: () => T) => expect.poll(look, { interval: 5, timeout: 20_000 })
