import { hash } from 'node:crypto'
import { accountId, type Relation } from '@ilp/service-core'
import { describe, expect, test } from 'vitest'
import {
  advertised,
  BestRoutes,
  type Candidate,
  compareCandidates,
  isAcceptable,
  isTold,
  ROUTE_OCTETS_MAX,
} from './index.js'

const OWN = 'test.us'
const RULES = { own: OWN, pathMax: 3 }
const AUTH = new Uint8Array(32).fill(1)

describe('a route of a peer', () => {
  const peer = { relation: 'peer', address: 'test.peer' } as const
  const take = (prefix: string, path = ['test.peer']) => isAcceptable({ prefix, path }, peer, RULES)

  test.each(['test.peer', 'test.peer.child', 'test.else', 'test.u', 'test.usual'])(
    'to %s is taken',
    prefix => {
      expect(take(prefix)).toBe(true)
    },
  )

  test.each([
    ['test.us', 'this node’s own address'],
    ['test.us.child', 'below its own address'],
    ['test', 'the bare scheme'],
    ['', 'everything'],
    ['g.peer', 'another network'],
    ['test1.peer', 'another network'],
    ['peer.route', 'no network'],
    ['test.', 'no address'],
    ['test.a b', 'no address'],
    [`test.${'x'.repeat(1_020)}`, 'no address'],
  ])('to %s, which is %s, is not', prefix => {
    expect(take(prefix)).toBe(false)
  })

  test.each([
    ['through this node', ['test.peer', OWN, 'test.else']],
    ['without a path', []],
    ['by a path that is too long', ['test.a', 'test.b', 'test.c', 'test.d']],
    ['by a path of what are no addresses', ['test.peer', 'nowhere']],
  ])('%s is not taken', (_, path) => {
    expect(take('test.else', path)).toBe(false)
  })
})

describe('a route of a child', () => {
  const take = (prefix: string, address: string | undefined) =>
    isAcceptable({ prefix, path: ['test.x'] }, { relation: 'child', address }, RULES)

  test.each([
    ['test.us.bob', 'test.us.bob'],
    ['test.us.bob.shop', 'test.us.bob'],
    ['test.bob.shop', 'test.bob'],
  ])('to %s is taken of %s', (prefix, address) => {
    expect(take(prefix, address)).toBe(true)
  })

  test.each([
    ['test.us.carol', 'test.us.bob'],
    ['test.us.bobby', 'test.us.bob'],
    ['test.carol', 'test.us.bob'],
    ['test.us', 'test.us'],
    ['test.us.bob', undefined],
    ['test.us.bob', 'test'],
  ])('to %s is not taken of %s', (prefix, address) => {
    expect(take(prefix, address)).toBe(false)
  })
})

const candidate = (fields: Partial<Candidate>): Candidate => ({
  prefix: 'test.x',
  account: accountId('bob'),
  relation: 'peer',
  origin: 'learned',
  isDown: false,
  path: ['test.bob'],
  auth: AUTH,
  ...fields,
})

describe('a route is told', () => {
  const RELATIONS: readonly Relation[] = ['parent', 'peer', 'child']
  const toldTo = (fields: Partial<Candidate>) =>
    RELATIONS.filter(relation => isTold(candidate(fields), { id: accountId('carol'), relation }))

  test.each(['child', 'local'] as const)('to everybody when it leads to a %s', relation => {
    expect(toldTo({ relation })).toEqual(RELATIONS)
  })

  test.each(['peer', 'parent'] as const)('to customers alone when it leads to a %s', relation => {
    expect(toldTo({ relation })).toEqual(['child'])
  })

  test('to everybody when it is static, or this node’s own', () => {
    expect(toldTo({ origin: 'static' })).toEqual(RELATIONS)
    expect(toldTo({ origin: 'own', relation: undefined, account: undefined })).toEqual(RELATIONS)
  })

  test('never to whom it leads to', () => {
    expect(isTold(candidate({ relation: 'child' }), { id: accountId('bob'), relation: 'peer' })).toBe(false)
  })

  test('with this node in front of its path, and its code hashed', () => {
    expect(advertised(candidate({}), OWN)).toEqual({
      prefix: 'test.x',
      path: [OWN, 'test.bob'],
      auth: hash('sha256', AUTH, 'buffer'),
      properties: [],
    })
  })

  test.each<[string, Partial<Candidate>]>([
    ['everything', { prefix: '' }],
    ['a bare scheme', { prefix: 'test' }],
    ['another network', { prefix: 'g.x' }],
    ['this node’s own space, which its address stands for', { prefix: `${OWN}.bob` }],
    ['where the link is down', { isDown: true }],
    ['what has no room', { path: Array.from({ length: 20 }, () => `test.${'x'.repeat(1_000)}`) }],
  ])('to nobody when it leads to %s', (_, fields) => {
    expect(advertised(candidate(fields), OWN)).toBeUndefined()
  })

  test('as long as two of it have room in a packet', () => {
    expect(2 * ROUTE_OCTETS_MAX).toBeLessThan(32_767 - 1_100)
  })
})

describe('the best route is', () => {
  const order = (...candidates: Partial<Candidate>[]) => {
    const all = candidates.map(candidate)
    for (const [i, one] of all.entries())
      for (const [j, other] of all.entries())
        expect(Math.sign(compareCandidates(one, other))).toBe(Math.sign(i - j))
  }

  test('static, own, a customer’s, a peer’s, a parent’s, and last one whose link is down', () => {
    const path = ['test.a', 'test.b']
    order(
      { origin: 'static', isDown: true, path },
      { relation: 'local', path },
      { relation: 'child', path },
      { relation: 'peer' },
      { relation: 'parent', path: [] },
      { relation: 'child', isDown: true, path: [] },
    )
  })

  test('the shorter of two, then that of the first account, then the one that its peer has told', () => {
    order(
      { account: accountId('zoe'), path: ['test.a'] },
      { account: accountId('ann'), path: ['test.a', 'test.b'] },
      { account: accountId('bob'), path: ['test.a', 'test.b'] },
      { account: accountId('bob'), path: ['test.a', 'test.b'], origin: 'account' },
    )
  })

  test('replaced by the next best at once, and says when it was not', () => {
    const routes = new BestRoutes()
    const [one, other] = [candidate({ relation: 'child' }), candidate({ relation: 'peer' })]
    expect(routes.put('other', 'test.x', other)).toBe(true)
    expect(routes.put('one', 'test.x', one)).toBe(true)
    expect(routes.put('other', 'test.x', undefined)).toBe(false)
    expect(routes.put('other', 'test.x', other)).toBe(false)
    expect(routes.get('test.x')).toMatchObject(one)
    expect(routes.put('one', 'test.x', undefined)).toBe(true)
    expect(routes.get('test.x')).toMatchObject(other)
    expect(routes.put('other', 'test.x', undefined)).toBe(true)
    expect([...routes.all()]).toEqual([])
  })
})
