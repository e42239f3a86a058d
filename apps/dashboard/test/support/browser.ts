import { chromiumProgram } from '@ilp/test-servers'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { ADMIN_TOKEN } from './connector.js'

export const launchBrowser = async (): Promise<Browser> =>
  chromium.launch({ executablePath: await chromiumProgram(), args: ['--no-sandbox'] })

/** A page, what it asked for, and what went wrong in it. */
export interface Watched {
  readonly page: Page
  readonly requests: readonly string[]
  /** Errors on the console, violations of the policy and exceptions among them. */
  readonly errors: string[]
}

const DEADLINE_MS = 45_000

/** Opens a page in a context of its own, which goes with the test. */
export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  context.setDefaultTimeout(DEADLINE_MS)
  const page = await context.newPage()
  const requests: string[] = []
  const errors: string[] = []
  page.on('request', request => requests.push(request.url()))
  page.on('console', message => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', error => errors.push(String(error)))
  await page.goto(url)
  return { page, requests, errors }
}

/** The same, logged in. */
export async function openLoggedIn(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const watched = await open(browser, url, options)
  await watched.page.getByLabel('Admin token').fill(ADMIN_TOKEN)
  await watched.page.keyboard.press('Enter')
  await watched.page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
  return watched
}

/** Presses Tab until the focus is on the element of this role and name, as somebody without a mouse does. */
export async function tabTo(page: Page, role: string, name: string): Promise<void> {
  const presses = 60
  for (let press = 0; press < presses; press++) {
    await page.keyboard.press('Tab')
    const focused = page.locator(':focus')
    if ((await focused.count()) === 0) continue
    const snapshot = await focused.ariaSnapshot()
    if (snapshot.startsWith(`- ${role} "${name}"`)) return
  }
  throw new Error(`no way to ${role} "${name}" by ${presses} presses of Tab`)
}
