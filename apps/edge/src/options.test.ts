import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { checkOptions } from './options.js'

const SETTINGS = {
  ilpAddress: 'test.alice.edge',
  listen: '[::1]:7780',
  asset: { code: 'USD', scale: 9 },
  secretSeed: '01'.repeat(32),
  upstream: { outgoing: { url: 'https://alice.example/ilp', token: 'ours' }, incomingTokens: ['theirs'] },
  accounts: [{ username: 'bob', incomingTokens: ['bobs'], minBalance: '-5' }],
}

describe('the options', () => {
  it('are the settings, with amounts as numbers and limits of zero where none are given', () => {
    expect(checkOptions(SETTINGS)).toMatchObject({
      listen: { host: '::1', port: 7780 },
      upstream: { minBalance: 0n, incomingTokens: ['theirs'] },
      accounts: [{ username: 'bob', minBalance: -5n }],
    })
  })

  it('are taken as the README shows them', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const [, block = ''] = /```json\n([\s\S]*?)```/.exec(readme) ?? []
    expect(checkOptions({ secretSeed: '01'.repeat(32), ...(JSON.parse(block) as object) }).dataDir).toBe(
      './data',
    )
    expect(readme).toContain((await readFile(new URL('../example/usage.ts', import.meta.url), 'utf8')).trim())
  })

  it.each<[string, object]>([
    ['listen', { listen: '7780' }],
    ['listen', { listen: '127.0.0.1:70000' }],
    ['ilpAddress', { ilpAddress: 'alice' }],
    ['secretSeed', { secretSeed: '01' }],
    ['upstream.outgoing', { upstream: {} }],
    ['accounts[0].username', { accounts: [{ username: 'a.b' }] }],
    ['accounts[0].username', { accounts: [{ username: 'upstream' }] }],
    ['accounts', { accounts: [{ username: 'bob' }, { username: 'bob' }] }],
    ['accounts[0].minBalance', { accounts: [{ username: 'bob', minBalance: 5 }] }],
    ['accounts[0].outgoing.url', { accounts: [{ username: 'bob', outgoing: { url: 'ws://bob.example' } }] }],
    ['Unrecognized key: "lisen"', { lisen: '127.0.0.1:1' }],
  ])('are refused with %s', (path, more) => {
    expect(() => checkOptions({ ...SETTINGS, ...more })).toThrow(path)
  })
})
