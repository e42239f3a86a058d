import { describe, expect, it } from 'vitest'
import { cpuMicros } from './cpu.js'

const own = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}

describe('cpuMicros', () => {
  it('is what the process says of itself, give or take a tick of user and of system time', () => {
    const before = own()
    const told = cpuMicros(process.pid)
    const after = own()
    expect(told).toBeGreaterThan(before - 25_000)
    expect(told).toBeLessThan(after + 25_000)
  })

  it('throws for a process that is not there', () => {
    expect(() => cpuMicros(2 ** 30)).toThrow('ENOENT')
  })
})
