import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { storedRates } from '@ilp/exchange-rate'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  coinCapRates,
  cryptoCompareRates,
  ecbRates,
  httpRates,
  type RateMapping,
  type RateProvider,
} from '../src/index.js'

const NOW = Date.parse('2026-11-24T12:00:00Z')

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Answers each path with its body, and remembers what was asked. */
async function pages(bodies: Readonly<Record<string, string>>) {
  const asked: IncomingMessage[] = []
  const url = await serve((request, response) => {
    asked.push(request)
    const body = bodies[request.url ?? '']
    response.writeHead(body === undefined ? 404 : 200).end(body)
  })
  return { url, asked }
}

const fetchFrom = (provider: RateProvider, nowMs = NOW) => provider.fetch(nowMs, new AbortController().signal)

describe('HTTP rates', () => {
  const from = async (body: string, mapping: RateMapping) => {
    const { url } = await pages({ '/': body })
    return fetchFrom(httpRates({ url: `${url}/`, base: 'USD', mapping }))
  }

  test('are read from an object by code, to the last digit', async () => {
    const body = '{"rates":{"EUR":1.08000000000000000000000000000001,"XRP":"0.52","KIN":1.2e-7}}'
    expect(await from(body, { prices: 'rates', price: '' })).toEqual({
      rates: { USD: '1', EUR: '1.08000000000000000000000000000001', XRP: '0.52', KIN: '0.00000012' },
      asOfMs: NOW,
    })
  })

  test('are read from a list, from wherever they lie in its entries', async () => {
    const body =
      '{"Data":[{"CoinInfo":{"Name":"BTC"},"RAW":{"USD":{"PRICE":91234.5}}},{"CoinInfo":{"Name":"X"}}]}'
    const mapping = { prices: 'Data', code: 'CoinInfo.Name', price: 'RAW.USD.PRICE' }
    expect((await from(body, mapping)).rates).toEqual({ USD: '1', BTC: '91234.5' })
  })

  test('may say what one dollar buys', async () => {
    const { rates } = await from('{"EUR":0.925,"USD":1}', { prices: '', price: '', isInverted: true })
    expect(rates).toEqual({ USD: '1', EUR: '1/0.925' })
    const { price } = storedRates({ store: { get: () => ({ rates, asOfMs: NOW }) }, nowMs: () => NOW })
    expect(price('EUR')).toEqual({ numerator: 40n, denominator: 37n })
  })

  test('are of the moment that the answer names, but never of one to come', async () => {
    const mapping = { prices: 'rates', price: '', asOfMs: 'at' }
    expect((await from(`{"rates":{"EUR":1},"at":${NOW - 5}}`, mapping)).asOfMs).toBe(NOW - 5)
    expect((await from(`{"rates":{"EUR":1},"at":${NOW + 5}}`, mapping)).asOfMs).toBe(NOW)
    await expect(from('{"rates":{"EUR":1}}', mapping)).rejects.toMatchObject({ code: 'ERR_RATES_UNREADABLE' })
  })

  test('leave out what is no price or no code, and take the first of two', async () => {
    const body = `{"data":[
      {"c":"EUR","p":1.08},{"c":"EUR","p":9},{"c":"USD","p":9},{"c":"NUL","p":null},{"c":"NEG","p":-1},
      {"c":"ZER","p":0},{"c":"OBJ","p":{}},{"p":1},{"c":null,"p":1},{"c":"","p":1},{"c":7,"p":3},
      null,[],"x",{"c":"${'X'.repeat(33)}","p":1},{"c":"__proto__","p":2},{"c":"toString","p":"4"}]}`
    const { rates } = await from(body, { prices: 'data', code: 'c', price: 'p' })
    expect(Object.entries(rates).toSorted()).toEqual([
      ['7', '3'],
      ['EUR', '1.08'],
      ['USD', '1'],
      ['__proto__', '2'],
      ['toString', '4'],
    ])
  })

  test.each([
    ['no JSON', '<html>'],
    ['no object', '1'],
    ['nothing', ''],
    ['another object', '{"Response":"Error","Message":"rate limit"}'],
    ['no prices', '{"rates":{}}'],
    ['a path through a string', '{"rates":"toString"}'],
  ])('are none when there is %s', async (_, body) => {
    await expect(from(body, { prices: 'rates', price: '' })).rejects.toMatchObject({
      name: 'RatesError',
      code: 'ERR_RATES_UNREADABLE',
    })
  })

  test('are asked for with the headers that they need', async () => {
    const { url, asked } = await pages({ '/': '{"EUR":1}' })
    await fetchFrom(
      httpRates({
        url: `${url}/`,
        headers: { 'x-key': 'k' },
        base: 'USD',
        mapping: { prices: '', price: '' },
      }),
    )
    expect(asked[0]?.headers).toMatchObject({ 'x-key': 'k', accept: 'application/json' })
  })
})

describe('a provider is unavailable', () => {
  const mapping = { prices: '', price: '' }
  const failure = async (url: string, signal = new AbortController().signal) => {
    const error: unknown = await httpRates({ url, base: 'USD', mapping })
      .fetch(NOW, signal)
      .catch(error => error)
    return error as Error & { code: string }
  }

  test.each([204, 404, 429, 500])('when it answers %i, and its URL is not told whole', async status => {
    const url = await serve((_, response) => response.writeHead(status).end())
    expect(await failure(`${url}/?key=secret`)).toMatchObject({
      code: 'ERR_RATES_UNAVAILABLE',
      message: `${url} answered ${status}`,
    })
  })

  test('when it sends elsewhere', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/other' }).end())
    expect(await failure(url)).toMatchObject({ code: 'ERR_RATES_UNAVAILABLE' })
  })

  test('when nobody listens', async () => {
    expect(await failure('http://127.0.0.1:1/')).toMatchObject({ code: 'ERR_RATES_UNAVAILABLE' })
  })

  test('when it breaks off', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{"EUR":', () => response.destroy())
    })
    expect(await failure(url)).toMatchObject({ code: 'ERR_RATES_UNAVAILABLE' })
  })

  test('when it doesn’t end, and the signal does', async () => {
    const ending = new AbortController()
    const url = await serve((_, response) => {
      response.writeHead(200)
      response.write('{"EUR":', () => ending.abort())
    })
    expect(await failure(url, ending.signal)).toMatchObject({ code: 'ERR_RATES_UNAVAILABLE' })
  })

  test('when it answers without end: no more than the limit is read', async () => {
    let closed: Promise<unknown> = Promise.resolve()
    const url = await serve((_, response) => {
      closed = once(response, 'close')
      const chunk = Buffer.alloc(1_048_576, 0x20)
      const more = () => void (response.destroyed || response.write(chunk, more))
      more()
    })
    expect(await failure(url)).toMatchObject({ code: 'ERR_RATES_UNREADABLE' })
    await closed
  })
})

test('CoinCap: currencies win over assets of their name, and the largest asset over others', async () => {
  const { url, asked } = await pages({
    '/v3/rates': `{"data":[
      {"id":"euro","symbol":"EUR","currencySymbol":"€","type":"fiat","rateUsd":"1.1571297154220134"},
      {"id":"bitcoin","symbol":"BTC","currencySymbol":"₿","type":"crypto","rateUsd":"87011.4012345678901234"},
      {"id":"united-states-dollar","symbol":"USD","currencySymbol":"$","type":"fiat","rateUsd":"1.0000000000000000"}
    ],"timestamp":${NOW - 7_000}}`,
    '/v3/assets?limit=2000': `{"data":[
      {"id":"bitcoin","rank":"1","symbol":"BTC","priceUsd":"87012.9"},
      {"id":"xrp","rank":"4","symbol":"XRP","priceUsd":"2.1951234567890123456789"},
      {"id":"other-xrp","rank":"900","symbol":"XRP","priceUsd":"0.1"},
      {"id":"a-coin","rank":"901","symbol":"EUR","priceUsd":"0.0000001"},
      {"id":"dead","rank":"902","symbol":"DED","priceUsd":null}
    ],"timestamp":${NOW - 9_000}}`,
  })
  expect(await fetchFrom(coinCapRates({ url: `${url}/v3`, apiKey: 'k' }))).toEqual({
    rates: {
      USD: '1',
      EUR: '1.1571297154220134',
      BTC: '87011.4012345678901234',
      XRP: '2.1951234567890123456789',
    },
    asOfMs: NOW - 9_000,
  })
  expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer k', 'Bearer k'])
})

test('CryptoCompare: the prices of the codes that were asked for', async () => {
  const { url, asked } = await pages({
    '/data/pricemulti?fsyms=BTC,XRP,A%2FB&tsyms=USD': '{"BTC":{"USD":87011.41},"XRP":{"USD":2.195}}',
  })
  const provider = cryptoCompareRates({ codes: ['BTC', 'XRP', 'A/B'], url, apiKey: 'k' })
  expect(await fetchFrom(provider)).toEqual({
    rates: { USD: '1', BTC: '87011.41', XRP: '2.195' },
    asOfMs: NOW,
  })
  expect(asked[0]?.headers.authorization).toBe('Apikey k')
  const failing = cryptoCompareRates({
    codes: ['NONE'],
    url: await serve((_, response) => response.end('{"Response":"Error"}')),
  })
  await expect(fetchFrom(failing)).rejects.toMatchObject({ code: 'ERR_RATES_UNREADABLE' })
})

describe('the European Central Bank', () => {
  const xml = (date: string, rates: string) => `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
	<Cube>
		<Cube time='${date}'>
			${rates}
		</Cube>
		<Cube time='2000-01-01'><Cube currency='DEM' rate='1.95583'/></Cube>
	</Cube>
</gesmes:Envelope>`
  const RATES = `<Cube currency='USD' rate='1.1530'/><Cube currency="JPY" rate="180.66"/>
			<Cube currency='BAD' rate='0.0'/>`
  const from = async (body: string) => fetchFrom(ecbRates({ url: `${(await pages({ '/x': body })).url}/x` }))

  test('says what one euro buys, which is exact as a quotient', async () => {
    const { rates, asOfMs } = await from(xml('2026-11-23', RATES))
    expect(rates).toEqual({ EUR: '1', USD: '1/1.1530', JPY: '1/180.66' })
    expect(asOfMs).toBe(NOW)
    const { price } = storedRates({ store: { get: () => ({ rates, asOfMs }) }, nowMs: () => NOW })
    expect(price('USD')).toEqual({ numerator: 1_000n, denominator: 1_153n })
  })

  test.each([
    ['seven days and a half', '2026-11-17', true],
    ['nine days', '2026-11-15', false],
    ['no day', '2026-13-45', false],
  ])('is believed or not, with rates of %s ago', async (_, date, isBelieved) => {
    const result = from(xml(date, RATES))
    if (isBelieved) expect((await result).rates).toHaveProperty('USD')
    else await expect(result).rejects.toMatchObject({ code: 'ERR_RATES_UNREADABLE' })
  })

  test.each([
    ['no rates', xml('2026-11-23', '')],
    ['something else', '<html></html>'],
    ['the beginning of an answer', xml('2026-11-23', RATES).split('JPY')[0] as string],
  ])('says nothing with %s', async (_, body) => {
    await expect(from(body)).rejects.toMatchObject({ code: 'ERR_RATES_UNREADABLE' })
  })
})
