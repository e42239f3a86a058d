/**
 * Takes the screenshots in `docs/screenshots`: every page, light and dark, and some on a phone. Needs what
 * `node scripts/build.mjs` builds, pngquant, a Chromium (the one that CHROMIUM names, or Debian's), and about two and
 * a half minutes, which are what the charts show.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { buildPage } from './build.mjs'
import { startScene } from './scene.mjs'

const FOLDER = join(import.meta.dirname, '../../../docs/screenshots')
const WATCHED_MS = 125_000
const PAGES = {
  overview: '',
  accounts: 'accounts',
  account: 'accounts/museum',
  'new-account': 'accounts/+',
  links: 'links',
  routes: 'routes',
  rates: 'rates',
  packets: 'packets',
  payments: 'payments',
  settlements: 'settlements',
  reconciliation: 'reconciliation',
}
const ON_PHONE = ['overview', 'accounts', 'payments']
const DESKTOP = { viewport: { width: 1280, height: 860 } }
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: 'light' }

/** Opens the dashboard, with the token written but not sent. */
async function open(browser, { adminUrl, token }, options) {
  const context = await browser.newContext({ ...options, locale: 'en-GB', timezoneId: 'UTC' })
  const page = await context.newPage()
  page.on('pageerror', error => console.error(error))
  await page.goto(`${adminUrl}/`)
  await page.getByLabel('Admin token').fill(token)
  return page
}

/** Keeps a picture of the page, with as many colours as it takes. */
async function shoot(page, name, options = {}) {
  await page.evaluate(() => document.fonts.ready)
  const picture = await page.screenshot({ timeout: 120_000, ...options })
  const { error, status, stdout } = spawnSync('pngquant', ['--quality=80-95', '--speed=1', '--strip', '-'], {
    input: picture,
    maxBuffer: 16_777_216,
  })
  if (error || status !== 0) throw new Error('pngquant makes them small: install it', { cause: error })
  writeFileSync(join(FOLDER, `${name}.png`), stdout)
}

/** Goes to a page, and waits until it shows what there is. */
async function visit(page, adminUrl, name) {
  await page.goto(`${adminUrl}/#/${PAGES[name]}`)
  await page.getByText('Loading…').first().waitFor({ state: 'detached' })
  if (name === 'payments') await page.getByLabel('From').selectOption('payroll')
  await sleep(1_500)
}

mkdirSync(FOLDER, { recursive: true })
await buildPage()
const scene = await startScene()
const { CHROMIUM: executablePath = '/usr/bin/chromium' } = process.env
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const themes = await Promise.all(
    ['light', 'dark'].map(async colorScheme => {
      const page = await open(browser, scene, { ...DESKTOP, colorScheme })
      await shoot(page, `login-${colorScheme}`)
      return { page, colorScheme }
    }),
  )
  const phone = await open(browser, scene, PHONE)
  for (const page of [...themes.map(theme => theme.page), phone]) {
    await page.getByLabel('Admin token').press('Enter')
  }
  scene.traffic()
  await sleep(WATCHED_MS)
  await scene.pay('2500000000', 'one')
  await scene.pay('1200500000', 'two')
  await scene.pay('5000000', 'three', 'http://127.0.0.1:9/nobody')
  await sleep(2_000)
  for (const { page, colorScheme } of themes) {
    for (const name of Object.keys(PAGES)) {
      if (name === 'payments') await scene.pay('120000000000', `four-${colorScheme}`)
      await visit(page, scene.adminUrl, name)
      await shoot(page, `${name}-${colorScheme}`)
    }
  }
  for (const name of ON_PHONE) {
    await visit(phone, scene.adminUrl, name)
    await shoot(phone, `${name}-phone`, { fullPage: true })
  }
} finally {
  await browser.close()
  await scene.stop()
}
