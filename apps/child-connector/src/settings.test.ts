import { describe, expect, it } from 'vitest'
import { readSettings } from './settings.js'

const ENVIRONMENT = {
  ILP_PARENT_TOKEN: 'of-laptop',
  ILP_LOCAL_TOKEN: 'of-me',
  ILP_SECRET_SEED: '07'.repeat(32),
}
const ARGUMENTS = ['--parent', 'wss://alice.example/btp', '--asset', 'USD/9']
const LISTENING = [...ARGUMENTS, '--listen', '[::1]:7790']

describe('the settings', () => {
  it('are what the arguments and the environment say', () => {
    expect(readSettings([...LISTENING, '--owes', '1000', '--data', './data'], ENVIRONMENT)).toEqual({
      options: {
        parent: { url: 'wss://alice.example/btp', token: 'of-laptop', minBalance: -1_000n },
        asset: { code: 'USD', scale: 9 },
        accounts: [{ username: 'me', tokens: ['of-me'] }],
        listen: { host: '::1', port: 7790 },
        secretSeed: '07'.repeat(32),
      },
      data: './data',
    })
  })

  it('open no port unless told to, and lend the parent nothing', () => {
    const { ILP_LOCAL_TOKEN: _, ...environment } = ENVIRONMENT
    const settings = readSettings(ARGUMENTS, environment)
    expect(settings?.options).toMatchObject({ parent: { minBalance: 0n }, accounts: [{ tokens: [] }] })
    expect(settings?.options.listen).toBeUndefined()
    expect(settings?.data).toBeUndefined()
  })

  it.each<[string, readonly string[], Readonly<Record<string, string>>?]>([
    ['expected a ws:// or wss:// URL in --parent', ['--parent', 'http://127.0.0.1']],
    [
      'expected a ws:// or wss:// URL in --parent',
      [...ARGUMENTS, '--parent', 'ws://me:secret@alice.example'],
    ],
    ['expected a code and a scale', [...ARGUMENTS, '--asset', 'USD']],
    ['expected a code and a scale', [...ARGUMENTS, '--asset', 'USD/256']],
    ['expected a whole number in --owes', [...ARGUMENTS, '--owes', 'all']],
    ['expected HOST:PORT in --listen', [...ARGUMENTS, '--listen', '7780']],
    ['expected a token in ILP_PARENT_TOKEN', ARGUMENTS, { ...ENVIRONMENT, ILP_PARENT_TOKEN: '' }],
    ['expected a token in ILP_LOCAL_TOKEN', LISTENING, { ...ENVIRONMENT, ILP_LOCAL_TOKEN: '' }],
    ['expected 64 hexadecimal digits', ARGUMENTS, { ...ENVIRONMENT, ILP_SECRET_SEED: '07' }],
    ["Unknown option '--parrent'", ['--parrent', 'x']],
  ])('are refused with “%s”', (message, args, environment = ENVIRONMENT) => {
    expect(() => readSettings(args, environment)).toThrow(message)
  })
})
