import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildPage } from '../scripts/build.mjs'
import { launchBrowser, open, openLoggedIn } from './support/browser.js'
import { ADMIN_TOKEN, type Connector, startConnector, usd } from './support/connector.js'

/** As a process leaves them in its folder. */
const entries = [
  { id: 'one', atMs: 1_000, kind: 'late-fulfill', from: 'child', incomingAmount: '1500000000', to: 'gone' },
  { id: 'two', atMs: 2_000, kind: 'unbooked', from: 'child', incomingAmount: '7', to: 'payer' },
].map(entry => ({ entry: { ...entry, amount: '1400000000', destination: 'test.node.gone' } }))

let browser: Browser
let folder: string
let node: Connector

beforeAll(async () => {
  await buildPage()
  folder = await mkdtemp(join(tmpdir(), 'ilp-dashboard-'))
  await writeFile(
    join(folder, 'reconciliation.jsonl'),
    entries.map(entry => `\n${JSON.stringify(entry)}`).join(''),
  )
  const settings = {
    ilpAddress: 'test.node',
    journalDir: folder,
    exchangeRates: { provider: 'static', rates: { USD: '1', EUR: '1.08' }, spread: '0.0025' },
    accounts: [
      { username: 'child', relation: 'child', asset: usd },
      { username: 'payer', relation: 'local', asset: usd },
    ],
    routes: [{ prefix: 'test.of-the-file', account: 'child' }],
  }
  ;[browser, node] = await Promise.all([launchBrowser(), startConnector(settings)])
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await node?.stop()
  await rm(folder, { recursive: true, force: true })
})

const isFocused = (element: Locator): Promise<boolean> =>
  element.evaluate(one => one === (one as unknown as { ownerDocument: Document }).ownerDocument.activeElement)

interface Document {
  readonly activeElement: unknown
}

/** What is said to be wrong with a field, by what describes it; and that it has the focus. */
async function faultOf(field: Locator): Promise<string | null> {
  await field.page().locator('[aria-invalid="true"]').first().waitFor()
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  return field
    .page()
    .locator(`[id="${await field.getAttribute('aria-describedby')}"]`)
    .textContent()
}

describe('for an operator, the dashboard', { timeout: 120_000 }, () => {
  it('has what the API finds wrong with a field stand at the field, which has the focus', async () => {
    const { page } = await openLoggedIn(browser, `${node.adminUrl}/#/accounts/+`)
    const create = page.getByRole('button', { name: 'Create the account' })
    const [address, engine] = [page.getByLabel('ILP address'), page.getByLabel('Engine')]
    await page.getByLabel('Name').fill('dora')
    await page.getByText('Settlement', { exact: true }).click()
    await engine.fill('ftp://127.0.0.1')
    await page.getByText('Settlement', { exact: true }).click()
    await create.click()
    // What was closed is open where something is wrong in it.
    expect(await faultOf(engine)).toMatch(/http/)
    await expect.poll(() => isFocused(engine)).toBe(true)
    expect(await page.getByRole('alert').count()).toBe(0)

    await address.fill('no address')
    await create.click()
    await page.getByText('Expected an ILP address, such as test.alice.').waitFor()
    expect(await faultOf(address)).toBe('Expected an ILP address, such as test.alice.')
    expect(await faultOf(engine)).toMatch(/http/)
    // The first of them.
    await expect.poll(() => isFocused(address)).toBe(true)

    await address.fill('')
    await engine.fill('')
    const name = page.getByLabel('Name')
    await name.fill('child')
    await create.click()
    await expect.poll(() => faultOf(name)).toBe('Another account has this username.')

    await name.fill('dora')
    await engine.fill('http://127.0.0.1:1')
    await create.click()
    // This is of no field.
    await page.getByRole('alert').getByText('Nothing is settled on this store').waitFor()
    expect(await page.locator('[aria-invalid="true"]').count()).toBe(0)

    await page.getByRole('link', { name: 'Routes' }).click()
    const prefix = page.getByLabel('Prefix', { exact: true })
    await prefix.fill('no prefix!')
    await prefix.press('Enter')
    expect(await faultOf(prefix)).toMatch(/^Expected the beginning of ILP addresses/)
  })

  it('keeps the focus near when what had it is removed, and says what is gone', async () => {
    for (const prefix of ['test.a', 'test.b', 'test.c']) {
      await node.api('/routes', { prefix, account: 'child' })
    }
    const { page, errors } = await openLoggedIn(browser, `${node.adminUrl}/#/routes`)
    const remove = (prefix: string) => page.getByRole('button', { name: `Remove ${prefix}`, exact: true })
    const isGone = (prefix: string) =>
      page.getByRole('status').getByText(`The static route for ${prefix} is gone`).waitFor()
    await remove('test.b').press('Enter')
    await isGone('test.b')
    await expect.poll(() => isFocused(remove('test.c'))).toBe(true)
    await page.keyboard.press('Enter')
    await isGone('test.c')
    await expect.poll(() => isFocused(remove('test.a'))).toBe(true)
    await page.keyboard.press('Enter')
    await isGone('test.a')
    const heading = page.getByRole('heading', { name: 'Routing table' })
    await expect.poll(() => isFocused(heading)).toBe(true)

    // A button that goes while its row stays: nobody says whom to pay, so the payment can be cancelled.
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    onTestFinished(() => silent.closeAllConnections())
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    const pointer = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/silent`
    await node.api('/accounts/payer/payments', { pointer, amount: { source: '7' } })
    await page.getByRole('link', { name: 'Payments' }).click()
    await page.getByRole('button', { name: `Cancel the payment to ${pointer}` }).press('Enter')
    await page.getByRole('status').getByText('No more of the payment is sent').waitFor()
    await expect.poll(() => isFocused(page.getByRole('heading', { name: 'Payments of payer' }))).toBe(true)
    expect(errors).toEqual([])
  })

  it('says that too many pages are open, and goes on trying', async () => {
    const over = new AbortController()
    onTestFinished(() => over.abort())
    const listen = () =>
      fetch(`${node.adminUrl}/events`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
        signal: over.signal,
      })
    const listenersMax = 32
    // Pages of the tests before may be among the listeners for a moment.
    for (let listeners = 0; listeners < listenersMax; ) if ((await listen()).ok) listeners += 1
    const { page } = await open(browser, `${node.adminUrl}/#/accounts`)
    await page.getByLabel('Admin token').fill(ADMIN_TOKEN)
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('Too many pages are open, trying again').waitFor()
    // What can be read is there all the same.
    await page.getByRole('rowheader', { name: 'payer' }).waitFor()
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByText('Too many pages are open: this one is not told what happens').waitFor()
    over.abort()
    await page.getByRole('status').getByText('Live').waitFor()
    await page.getByText('Too many pages are open').first().waitFor({ state: 'detached' })
  })

  it('shows the rates in force, and which were set by hand', async () => {
    const { page, errors } = await openLoggedIn(browser, `${node.adminUrl}/#/rates`)
    await page.getByText('0.25%').waitFor()
    await page.getByRole('definition').getByText('the configuration file').waitFor()
    const euro = page.getByRole('row').filter({ hasText: 'EUR' })
    await euro.getByText('1.08').waitFor()
    await euro.getByText('the provider').waitFor()
    const answer = await fetch(`${node.adminUrl}/rates/EUR`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: '{"rate":"1.1"}',
    })
    expect(answer.status).toBe(200)
    await page.reload()
    await euro.getByText('1.1', { exact: true }).waitFor()
    await euro.getByText('set by hand').waitFor()
    expect(errors).toEqual([])
  })

  it('lists what is to be reconciled, and takes it off the list for a reason', async () => {
    const { page, errors } = await openLoggedIn(browser, `${node.adminUrl}/`)
    await page.getByRole('link', { name: 'Transfers' }).click()
    const late = page.getByRole('row').filter({ hasText: 'perhaps paid at the next hop' })
    await late.getByText('gone, which is gone: 1,400,000,000 units').waitFor()
    await late.getByText('1.5').waitFor()
    const settle = page.getByRole('table').getByRole('button', { name: 'Settle' })
    const dialog = page.getByRole('dialog')
    await settle.first().press('Enter')
    await dialog.getByLabel('What was found').fill('The peer has not paid it')
    await page.keyboard.press('Enter')
    await page.getByRole('status').getByText('The transfer is off the list').waitFor()
    await late.waitFor({ state: 'detached' })
    await expect.poll(() => isFocused(settle)).toBe(true)
    expect(await node.api('/reconciliation')).toMatchObject({ size: 1, entries: [{ id: 'two' }] })

    await page.keyboard.press('Enter')
    await dialog.getByLabel('What was found').fill('It is booked')
    await dialog.getByRole('button', { name: 'Settle' }).click()
    await page.getByText('Nothing is to be reconciled.').waitFor()
    const heading = page.getByRole('heading', { name: 'To be compared with a peer’s books' })
    await expect.poll(() => isFocused(heading)).toBe(true)
    expect(errors).toEqual([])
  })

  it('posts money to an account by hand', async () => {
    const { page, errors } = await openLoggedIn(browser, `${node.adminUrl}/#/accounts/payer`)
    await page.getByText('Nothing was posted by hand.').waitFor()
    await page.getByRole('button', { name: 'Post one' }).press('Enter')
    const dialog = page.getByRole('dialog')
    const [amount, reason] = [dialog.getByLabel('Amount'), dialog.getByLabel('Reason')]
    await amount.fill('0')
    await page.keyboard.press('Enter')
    expect(await faultOf(amount)).toBe('Write a number that is not zero')
    await amount.fill('-12.5')
    await reason.fill('Bank transfer 7')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('row').filter({ hasText: 'Bank transfer 7' }).getByText('−12.5').waitFor()
    await page.getByText('owes us').waitFor()
    expect(await isFocused(page.getByRole('button', { name: 'Post one' }))).toBe(true)
    expect(await node.api('/accounts/payer/balance')).toMatchObject({ balance: '-12500000000' })
    expect(errors).toEqual([])
  })

  it('pings an address, and says how far that went', async () => {
    const { page } = await openLoggedIn(browser, `${node.adminUrl}/#/routes`)
    const address = page.getByLabel('ILP address')
    const ping = async (destination: string) => {
      await address.fill(destination)
      await address.press('Enter')
    }
    const told = page.getByRole('status')
    await ping('test.node')
    await told.getByText('reached', { exact: true }).waitFor()
    await ping('test.nowhere.at-all')
    await told.getByText('not reached', { exact: true }).waitFor()
    await told.getByText('F02 no route').waitFor()
    await ping('no address')
    expect(await faultOf(address)).toMatch(/^Expected an ILP address/)
  })
})
