import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { freePorts } from '@ilp/test-peers'
import { type TcpProxy, tcpProxy } from '@ilp/test-servers'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPage } from '../scripts/build.mjs'
import { launchBrowser, open, openLoggedIn, tabTo } from './support/browser.js'
import { ADMIN_TOKEN, type Connector, startConnector, usd } from './support/connector.js'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const PAGES = [
  ['', 'Overview'],
  ['accounts', 'Accounts'],
  ['accounts/payer', 'payer'],
  ['accounts/+', 'New account'],
  ['links', 'Links'],
  ['routes', 'Routes'],
  ['rates', 'Rates'],
  ['packets', 'Packets'],
  ['payments', 'Payments'],
  ['settlements', 'Settlements'],
  ['reconciliation', 'Reconciliation'],
] as const
/** Those that show every colour. */
const IN_DARK = new Set<string>(['', 'accounts', 'packets', 'payments'])
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

let browser: Browser
/** Bob's is reached through a proxy. */
let alice: Connector
let bob: Connector
let proxy: TcpProxy
let aliceSettings: object

const bobsAccounts = [
  {
    username: 'alice',
    relation: 'peer',
    ilpAddress: 'test.alice',
    asset: usd,
    minBalance: '-1000000000000',
    btp: { incomingTokens: ['alice-at-bobs'] },
  },
  { username: 'shop', relation: 'local', asset: usd },
]

const alicesAccounts = (port: number) => [
  {
    username: 'bob',
    relation: 'peer',
    ilpAddress: 'test.bob',
    asset: usd,
    maxBalance: '1000000000000',
    btp: { outgoing: { url: `ws://127.0.0.1:${port}/btp`, token: 'alice-at-bobs' } },
  },
  { username: 'payer', relation: 'local', asset: usd },
]

beforeAll(async () => {
  await buildPage()
  const [bobsPort, adminPort] = await freePorts(2)
  proxy = await tcpProxy(`http://127.0.0.1:${bobsPort}`)
  aliceSettings = {
    ilpAddress: 'test.alice',
    adminListen: `127.0.0.1:${adminPort}`,
    accounts: alicesAccounts(proxy.port),
  }
  const bobsSettings = { ilpAddress: 'test.bob', listen: `127.0.0.1:${bobsPort}`, accounts: bobsAccounts }
  ;[browser, bob, alice] = await Promise.all([
    launchBrowser(),
    startConnector(bobsSettings),
    startConnector(aliceSettings),
  ])
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await Promise.all([alice?.stop(), bob?.stop(), proxy?.stop()])
})

const path = (url: string) => new URL(url).pathname

describe('the dashboard', { timeout: 240_000 }, () => {
  it('shows and asks for nothing before it has the token, which it keeps in the tab alone', async () => {
    const { page, requests, errors } = await open(browser, `${alice.adminUrl}/#/accounts`)
    const answer = await fetch(`${alice.adminUrl}/`)
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    const token = page.getByLabel('Admin token')
    await token.waitFor()
    expect(requests.map(path).filter(one => one !== '/' && !one.startsWith('/assets/'))).toEqual([])
    expect(await page.getByText('payer').count()).toBe(0)

    // The field has the focus: a keyboard is enough.
    await page.keyboard.type('a-wrong-token')
    await page.keyboard.press('Enter')
    await page.getByText('That is not the admin token.').first().waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    expect(errors.splice(0).join()).toContain('401')

    await token.fill('')
    await page.keyboard.type(ADMIN_TOKEN)
    await page.keyboard.press('Enter')
    await page.getByRole('rowheader', { name: 'payer' }).waitFor()
    await page.reload()
    await page.getByRole('rowheader', { name: 'payer' }).waitFor()
    expect(await page.evaluate('JSON.stringify(localStorage) + document.cookie')).not.toContain(ADMIN_TOKEN)

    await page.getByRole('button', { name: 'Log out' }).click()
    await token.waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    expect(errors).toEqual([])

    // A token that was good once.
    await page.evaluate("sessionStorage.setItem('admin-token', 'a-former-token')")
    await page.reload()
    await page.getByText('The connector no longer takes the token of this tab.').waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    // One that no header can carry is a wrong one too.
    await page.keyboard.type('κλειδί')
    await page.keyboard.press('Enter')
    await page.getByText('That is not the admin token.').first().waitFor()
  })

  it('creates an account, changes it, and deletes it', async () => {
    const { page, errors } = await openLoggedIn(browser, `${alice.adminUrl}/#/accounts`)
    await page.getByRole('link', { name: 'New account' }).click()
    await page.getByLabel('Name').fill('carol')
    await page.getByLabel('Scale').fill('2')
    await page.getByLabel('Lowest balance').fill('-1.234')
    await page.getByRole('button', { name: 'Create the account' }).click()
    // What is wrong is said, and has the focus.
    await page.getByText('Write 2 decimals at the most').waitFor()
    expect(await page.locator(':focus').inputValue()).toBe('-1.234')
    await page.getByLabel('Lowest balance').fill('-90,071,992,547,409,931.23')
    await page.getByRole('button', { name: 'Make one' }).first().click()
    await page.getByRole('button', { name: 'Create the account' }).click()
    await page.getByRole('heading', { name: 'carol', exact: true }).waitFor()
    await page.getByText('−90,071,992,547,409,931.23 USD').waitFor()
    const shown = { relation: 'child', asset: { code: 'USD', scale: 2 }, minBalance: '-9007199254740993123' }
    expect(await alice.api('/accounts/carol')).toMatchObject({ ...shown, origin: 'api' })

    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByLabel('Highest balance').fill('20')
    await page.getByLabel('Lowest balance').fill('')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('20 USD').waitFor()
    const changed = await alice.api<object>('/accounts/carol')
    expect(changed).toMatchObject({ maxBalance: '2000', minBalance: '0', relation: 'child' })

    await page.getByRole('button', { name: 'New token' }).click()
    await page.getByRole('button', { name: 'Make a token' }).click()
    expect(await page.getByLabel('Token', { exact: true }).inputValue()).toMatch(/^[\w-]{43}$/)
    const dialog = page.getByRole('dialog')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    // Whoever has only a keyboard is still where something was done.
    const focused = page.locator(':focus')
    const remove = page.getByRole('button', { name: 'Delete' })
    await remove.press('Enter')
    await page.getByRole('button', { name: 'Keep it' }).press('Enter')
    await dialog.waitFor({ state: 'detached' })
    expect(await focused.textContent()).toBe('Delete')
    await page.getByRole('button', { name: 'Disable' }).press('Enter')
    await page.getByRole('button', { name: 'Enable' }).waitFor()
    expect(await focused.textContent()).toBe('Enable')
    await remove.click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('rowheader', { name: 'payer' }).waitFor()
    expect(await page.getByText('carol', { exact: true }).count()).toBe(0)
    expect(errors).toEqual([])
  })

  it('sends a payment by keyboard alone, which is seen to arrive at the other node', async () => {
    const there = await openLoggedIn(browser, `${bob.adminUrl}/#/accounts`)
    const shop = there.page.getByRole('row').filter({ hasText: 'shop' })
    await shop.getByText('0.000000000').waitFor()

    const { page, requests, errors } = await openLoggedIn(browser, `${alice.adminUrl}/`)
    const press = (key: string) => page.keyboard.press(key)
    await tabTo(page, 'link', 'Payments')
    await press('Enter')
    await page.getByRole('heading', { name: 'Payments', exact: true }).waitFor()
    await tabTo(page, 'textbox', 'To')
    await page.keyboard.type(`${bob.url}/accounts/shop/spsp`)
    await tabTo(page, 'textbox', 'Amount')
    await page.keyboard.type('1.25')
    await press('Enter')
    await page.getByRole('row').filter({ hasText: 'paid' }).getByText('1.25').first().waitFor()
    await shop.getByText('1.25').waitFor()
    await shop.getByText('we owe').waitFor()
    expect(await bob.api('/accounts/shop/balance')).toMatchObject({ balance: '1250000000' })

    await page.getByRole('link', { name: 'Packets' }).click()
    await page.getByRole('row').filter({ hasText: 'payer → bob' }).first().waitFor()
    expect(requests.filter(url => !url.startsWith(`${alice.adminUrl}/`))).toEqual([])
    expect([...errors, ...there.errors]).toEqual([])
  })

  it('shows a link that is cut in red, and that it is back', async () => {
    const { page, errors } = await openLoggedIn(browser, `${alice.adminUrl}/#/links`)
    const row = page.getByRole('row').filter({ hasText: 'bob' })
    await row.getByText('up', { exact: true }).waitFor()
    proxy.refuse(true)
    proxy.cut()
    const down = row.getByText('down, dialling')
    await down.waitFor()
    const [red = 0, green = 0, blue = 0] = await colourOf(down)
    expect(red).toBeGreaterThan(2 * Math.max(green, blue))
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('The link to bob is down').waitFor()
    proxy.refuse(false)
    await page.getByText('Nothing at the moment.').waitFor()
    expect(errors).toEqual([])
  })

  it('fits a phone, and is accessible there and on a large screen, light and dark', async () => {
    const phone = await openLoggedIn(browser, `${alice.adminUrl}/`, { ...PHONE, colorScheme: 'light' })
    const large = await openLoggedIn(browser, `${alice.adminUrl}/`, { colorScheme: 'dark' })
    for (const [one, title] of PAGES) {
      await visit(phone.page, one, title)
      expect(await phone.page.evaluate('document.documentElement.scrollWidth'), one).toBeLessThanOrEqual(390)
      expect(await violations(phone.page), `${one}, phone`).toEqual([])
      if (!IN_DARK.has(one)) continue
      await visit(large.page, one, title)
      expect(await violations(large.page), `${one}, dark`).toEqual([])
    }
    const links = phone.page.getByRole('link', { name: 'Links' })
    expect(await links.isVisible()).toBe(false)
    await phone.page.getByRole('button', { name: 'Menu' }).tap()
    await links.tap()
    await phone.page.getByRole('heading', { name: 'Links' }).waitFor()
    await links.waitFor({ state: 'hidden' })

    await large.page.getByLabel('Theme').selectOption('light')
    const ground = () => large.page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await ground()
    await large.page.getByLabel('Theme').selectOption('dark')
    expect(await ground()).not.toBe(light)
    expect([...phone.errors, ...large.errors]).toEqual([])
  })

  it('holds many accounts, with long names and large amounts, on a phone', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `${'a-long-name-'.repeat(5)}${index}`)
    for (const [index, username] of names.entries()) {
      const url = 'ws://127.0.0.1:9/btp'
      const btp = { outgoing: { url, token: 'a-token' } }
      await alice.api('/accounts', {
        username,
        relation: 'child',
        asset: usd,
        minBalance: `-${10n ** 38n}`,
        btp,
      })
      const amount = `-${9n * 10n ** 37n + BigInt(index)}`
      await alice.api(`/accounts/${username}/adjustments`, { amount, reason: 'Opening balance' })
    }
    const { page, errors } = await openLoggedIn(browser, `${alice.adminUrl}/`, PHONE)
    await page.getByText('7 more links are down').waitFor()
    await page.getByText('7 more accounts are close to a limit').waitFor()
    for (const [one, title] of PAGES) {
      await visit(page, one, title)
      expect(await page.evaluate('document.documentElement.scrollWidth'), one).toBeLessThanOrEqual(390)
    }
    await visit(page, 'accounts', 'Accounts')
    await page.getByLabel('Find an account').fill('NAME-11')
    await page.getByText('−90,000,000,000,000,000,000,000,000,000.000000011').waitFor()
    expect(await page.getByRole('rowheader').count()).toBe(1)
    expect(errors).toEqual([])
  })

  it('says that the connector is gone, and goes on when it is back', async () => {
    const { page } = await openLoggedIn(browser, `${alice.adminUrl}/#/payments`)
    const pointer = 'http://127.0.0.1:9/nobody'
    await alice.api('/accounts/payer/payments', { pointer, amount: { source: '7000000' } })
    const payment = page.getByRole('row').filter({ hasText: pointer })
    await payment.getByText('failed').waitFor()
    await payment.getByText('of 0.007 USD').waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    const rate = page.getByRole('definition').first()
    await rate.getByText('0', { exact: true }).waitFor()

    await alice.stop()
    await page.getByText('Connection lost, trying again').waitFor()
    await page.getByText('The connector can’t be reached: what is shown here was so before.').waitFor()
    // What is not known is not shown as if it were.
    await rate.getByText('–').waitFor()

    alice = await startConnector(aliceSettings)
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
    await page.getByText('Nothing at the moment.').waitFor()
    await rate.getByText('0', { exact: true }).waitFor()
    // What it knew before the restart is forgotten with the store: the page reads it anew.
    await page.getByRole('link', { name: 'Payments' }).click()
    await page.getByText('This process has made no payment out of this account.').waitFor()
    await page.getByRole('link', { name: 'Accounts' }).click()
    await page.getByRole('row').filter({ hasText: 'payer' }).getByText('0.000000000').waitFor()
    expect(await page.getByRole('rowheader').count()).toBe(2)
  })
})

/** In parts of 255. */
const colourOf = (element: Locator): Promise<number[]> =>
  element.evaluate(one => {
    const { getComputedStyle } = globalThis as unknown as {
      readonly getComputedStyle: (of: unknown) => { readonly color: string }
    }
    return (getComputedStyle(one).color.match(/\d+/g) ?? []).map(Number)
  })

async function visit(page: Page, to: string, title: string): Promise<void> {
  await page.evaluate(`location.hash = '#/${to}'`)
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor()
  await page.getByText('Loading…').first().waitFor({ state: 'detached' })
}

/** What axe has against the page, and where. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'))
  const found = await page.evaluate<AxeResult>('axe.run()')
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { readonly html: string }[]
  }[]
}
