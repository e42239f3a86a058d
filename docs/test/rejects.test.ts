import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../site/pages.js'
import { builders, rejectsInSource, sources } from './rejects-in-source.js'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** What a regular expression finds in a file: texts, with … for what is put into them. */
const found = (path: string, pattern: RegExp): string[] =>
  [...read(path).matchAll(pattern)].map(([, text = '']) => text.replace(/\$\{[^}]*\}/g, '…'))

/** Texts that a service gets from elsewhere: by its file, and the expression that is the message. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'packages/ccp/src/ccp.ts: wrong': found('packages/ccp/src/ccp.ts', /return ['`](.+?)['`]/g),
  'packages/ccp/src/ccp.ts: error.message': ['control', 'envelope', 'fields']
    .flatMap(name => found(`packages/ccp-packet/src/${name}.ts`, /new InvalidCcpError\(['`](.+?)['`]\)/g))
    .filter(text => !text.endsWith('routing table id')),
  'packages/echo/src/echo.ts: read.message': found(
    'packages/echo-packet/src/echo-packet.ts',
    /new InvalidEchoError\(['`](.+?)['`]\)/g,
  ).filter(text => text !== 'source is not an ILP address'),
  'packages/stream-receiver/src/stream-receiver.ts: outcome.reason': found(
    'packages/stream-receiver/src/connection.ts',
    /(?:return |message = |ErrorCode\.\w+, )['`](.+?)['`]/g,
  ),
  'packages/stream-connection/src/receiving.ts: reason': found(
    'packages/stream-connection/src/receiving.ts',
    /(?:return |: |refused\()['`](.+?)['`]/g,
  ),
}

/** What decoding may throw; those of encoding are of this node's own packets, and no peer sees them. */
const ofBytes = [
  ...['envelope', 'prepare'].flatMap(name =>
    found(`packages/service-core/src/packet/${name}.ts`, /new InvalidPacketError\(['`](.+?)['`]\)/g),
  ),
  ...sources
    .filter(path => path.startsWith('packages/oer/'))
    .flatMap(path => found(path, /new OerError\(['`](.+?)['`]\)/g)),
].filter(text => !/^(amount …|expiry …|… has)/.test(text))

const page = read('docs/rejects.md')
const sections = new Map(
  [...page.matchAll(/^## ([A-Z][0-9]{2}) .*\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)].map(
    ([, code = '', text = '']) => [code, text],
  ),
)

interface Row {
  readonly messages: readonly string[]
  readonly services: readonly string[]
  readonly cells: readonly string[]
}

const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, inner = '']) => inner)

const rowsOf = (code: string): Row[] =>
  [...(sections.get(code) ?? '').matchAll(/^\| (.+) \|$/gm)]
    .map(([, line = '']) => line.split(' | '))
    .filter(([first]) => first !== 'message')
    .map(cells => ({ messages: quoted(cells[0] ?? ''), services: quoted(cells[1] ?? ''), cells }))

const built = rejectsInSource()

describe('docs/rejects.md', () => {
  it('has every message of every service, under its code', () => {
    expect(built.length).toBeGreaterThan(70)
    const missing: string[] = []
    for (const { file, service, code, messages, expression } of built) {
      const more = ELSEWHERE[`${file}: ${expression}`]
      const rows = rowsOf(code).filter(({ services }) => services.includes(service))
      if (rows.length === 0) missing.push(`${code} of ${service}`)
      for (const message of [...(messages ?? []), ...(more ?? [])]) {
        if (!rows.some(row => row.messages.includes(message)))
          missing.push(`${code} of ${service}: ${message}`)
      }
      const isOfBytes = code === 'F01' && expression === 'error.message'
      if (!messages && !more && !isOfBytes) missing.push(`where does ${expression} of ${file} come from?`)
    }
    expect(missing).toEqual([])
  })

  it('has no message that no service gives', () => {
    const texts = new Map<string, Set<string>>()
    for (const { file, service, code, messages, expression } of built) {
      const key = `${code} ${service}`
      const known = texts.get(key) ?? new Set()
      texts.set(key, known)
      for (const text of [...(messages ?? []), ...(ELSEWHERE[`${file}: ${expression}`] ?? [])])
        known.add(text)
    }
    const stale = [...sections.keys()].flatMap(code =>
      rowsOf(code).flatMap(({ messages, services }) =>
        services.flatMap(service =>
          messages
            .filter(message => !texts.get(`${code} ${service}`)?.has(message))
            .map(message => `${code} of ${service}: ${message}`),
        ),
      ),
    )
    expect(stale).toEqual([])
  })

  it('tells a cause and a cure in every row', () => {
    const rows = [...sections.keys()].flatMap(rowsOf)
    expect(rows.filter(({ cells }) => cells.length !== 4 || cells.some(cell => cell.trim() === ''))).toEqual(
      [],
    )
  })

  it('tells what can be wrong with the bytes of a packet', () => {
    expect(ofBytes.length).toBeGreaterThan(12)
    const missing = ofBytes.filter(text => !sections.get('F01')?.includes(`\`${text}\``))
    expect(missing).toEqual([])
  })

  it('names every code that there is a builder for', () => {
    const codes = new Set(builders.values())
    expect(codes.size).toBe(21)
    expect([...codes].filter(code => !new RegExp(`\\b${code}\\b`).test(page))).toEqual([])
    const unbuilt = [...codes].filter(code => !built.some(reject => reject.code === code))
    expect(unbuilt.toSorted()).toEqual(['F03', 'F04', 'F07', 'R99', 'T99'])
  })
})
