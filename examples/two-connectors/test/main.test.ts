import { fileURLToPath } from 'node:url'
import { startProgram } from '@ilp/test-peers'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type Line, printBooks } from '../src/books.js'

it('a payment crosses two connectors, and every unit is accounted for', async () => {
  const program = startProgram(fileURLToPath(new URL('../src/main.ts', import.meta.url)))
  onTestFinished(program.stop)
  await program.exited
  const output = program.output()
  expect(output).toContain('payer ── BTP ──▶ test.alice ── BTP ──▶ test.bob ── HTTP ──▶ test.bob.shop')
  expect(output).toContain(`${'█'.repeat(40)}  1,000,000 of 1,000,000 units`)
  expect(output).toMatch(/^ {2}alice {2}payer +-1,000,000$/m)
  expect(output).toMatch(/^ {2}alice {2}bob +1,000,000$/m)
  expect(output).toMatch(/^ {2}bob {4}alice +-1,000,000$/m)
  expect(output).toMatch(/^ {2}bob {4}shop +1,000,000$/m)
  expect(output.match(/✓/g)).toHaveLength(5)
  expect(output).not.toContain('✗')
  expect(program.process.exitCode).toBe(0)
})

const books: readonly Line[] = [
  { node: 'alice', account: 'payer', balance: -10n },
  { node: 'alice', account: 'bob', balance: 10n },
  { node: 'bob', account: 'alice', balance: -10n },
  { node: 'bob', account: 'shop', balance: 10n },
]

it.each([
  ['as they have to be', books, 10n, true],
  ['where the shop has got less', books, 9n, false],
  ['where the two disagree', books.with(1, { node: 'alice', account: 'bob', balance: 9n }), 10n, false],
  [
    'where the payer owes more',
    books.with(0, { node: 'alice', account: 'payer', balance: -11n }),
    10n,
    false,
  ],
  [
    'where a sum is not zero',
    [...books, { node: 'bob', account: '(own position)', balance: 1n }],
    10n,
    false,
  ],
])('the books are looked through: %s', (_, lines, received, holds) => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => void vi.restoreAllMocks())
  expect(printBooks(lines, { amount: 10n, received })).toBe(holds)
})
