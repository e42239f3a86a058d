import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { nodeForAll, program } from '../support/cli.js'
import { account, local } from '../support/settings.js'

const node = nodeForAll({
  ilpAddress: 'test.node',
  payments: { allowHttp: true, allowPrivateAddresses: true },
  accounts: [local('alice'), account('bob'), local('shop')],
})

/** What the command writes to a terminal. */
async function onTerminal(args: readonly string[], environment = {}): Promise<string> {
  const line = [process.execPath, await program(), ...args].map(word => `'${word}'`).join(' ')
  const { PATH = '' } = process.env
  const env = { PATH, TERM: 'xterm', SHELL: '/bin/sh', ...node.environment(), ...environment }
  // `script` gives it a terminal of its own.
  const child = spawn('script', ['-qec', line, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  await once(child, 'close')
  return text
}

const ESCAPE = '\u001b'

describe('on a terminal', () => {
  it('there are colours, unless NO_COLOR says otherwise', async () => {
    expect(await onTerminal(['status'])).toContain(`${ESCAPE}[32m✓${ESCAPE}[39m ready`)
    expect(await onTerminal(['accounts', 'list'])).toContain(`${ESCAPE}[1musername`)
    expect(await onTerminal(['status'], { NO_COLOR: '1' })).not.toContain(ESCAPE)
    expect(await onTerminal(['status'], { TERM: 'dumb' })).not.toContain(ESCAPE)
    expect(await onTerminal(['status', '--json'])).not.toContain(ESCAPE)
  })

  it('a payment has a progress bar, which is gone in the end', async () => {
    const pay = ['pay', `${node.node.url}/accounts/shop/spsp`, '1500', '--account', 'alice']
    const text = await onTerminal(pay)
    expect(text).toMatch(/[█░]{30} +\d+ % {2}0\.000000\d{3} USD of 0\.000001500 USD sent/)
    const end = text.slice(text.lastIndexOf(`\r${ESCAPE}[K`))
    expect(end).toContain('paid')
    expect(end).not.toMatch(/[█░]/)
    expect(await onTerminal([...pay, '--json'])).toMatch(/^\{.*\}\r\n$/)
  })
})

describe('elsewhere', () => {
  it('there are no colours and no bar', async () => {
    const { out, err } = await node.run([
      'pay',
      `${node.node.url}/accounts/shop/spsp`,
      '5',
      '--account',
      'alice',
    ])
    expect(out + err).not.toContain(ESCAPE)
    expect(out + err).not.toMatch(/[█░]/)
  })

  it('text of peers can not steer a terminal', async () => {
    // What a program has put there, a terminal never gets to see as it is.
    const reason = `${ESCAPE}[2Jgone\nbalance   999 USD`
    await node.text('accounts', 'adjust', 'bob', '1', '--reason', reason)
    const text = await onTerminal(['accounts', 'adjustments', 'bob'], { NO_COLOR: '1' })
    expect(text).toContain('\\u001b[2Jgone\\u000abalance   999 USD')
    expect(text).not.toContain(ESCAPE)
  })
})
