import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { namesOf, paramsOf, RouteTable } from './route-table.js'

/** A table of these patterns, and what it finds: the pattern, and its open segments. */
function table(...patterns: string[]) {
  const routes = new RouteTable()
  const made = new Map(patterns.map(pattern => [routes.at(pattern), pattern]))
  return (target: string) => {
    const found = routes.find(target)
    if (!found) return undefined
    const pattern = made.get(found.route) as string
    return [pattern, paramsOf(namesOf(pattern), found.values)]
  }
}

describe('find', () => {
  test('takes fixed paths as they are', () => {
    const find = table('/', '/ilp', '/ilp/btp')
    expect(find('/')).toEqual(['/', {}])
    expect(find('/ilp')).toEqual(['/ilp', {}])
    expect(find('/ilp/btp')).toEqual(['/ilp/btp', {}])
    for (const other of ['/il', '/ilp/', '/ilpx', '//ilp', '/ILP', '/btp', ''])
      expect(find(other)).toBeUndefined()
  })

  test('gives open segments their names', () => {
    const find = table('/accounts/:username/ilp', '/a/:b/:c')
    expect(find('/accounts/bob/ilp')).toEqual(['/accounts/:username/ilp', { username: 'bob' }])
    expect(find('/a/1/2')).toEqual(['/a/:b/:c', { b: '1', c: '2' }])
    expect(find('/accounts//ilp')).toBeUndefined()
    expect(find('/accounts/bob')).toBeUndefined()
    expect(find('/accounts/bob/ilp/x')).toBeUndefined()
  })

  test('decodes open segments, and refuses those that cannot be', () => {
    const find = table('/:name')
    expect(find('/a%2Fb%20%C3%A4')).toEqual(['/:name', { name: 'a/b ä' }])
    expect(find('/%E0%A4%A')).toBeUndefined()
    expect(find('/%')).toBeUndefined()
  })

  test('leaves the query out', () => {
    const find = table('/pay/:who')
    expect(find('/pay/bob?x=/y')).toEqual(['/pay/:who', { who: 'bob' }])
    expect(find('?/pay/bob')).toBeUndefined()
  })

  test('prefers a fixed segment, and comes back to the open one when it leads nowhere', () => {
    const find = table('/accounts/me/x', '/accounts/:who/ilp', '/:any/me/y')
    expect(find('/accounts/me/x')).toEqual(['/accounts/me/x', {}])
    expect(find('/accounts/me/ilp')).toEqual(['/accounts/:who/ilp', { who: 'me' }])
    expect(find('/accounts/me/y')).toEqual(['/:any/me/y', { any: 'accounts' }])
  })

  test('takes names of the language for ordinary ones', () => {
    const find = table('/accounts/:username')
    expect(find('/__proto__/constructor')).toBeUndefined()
    expect(find('/accounts/__proto__')).toEqual(['/accounts/:username', { username: '__proto__' }])
  })

  test('finds what a regular expression for each pattern finds', () => {
    const segment = fc.constantFrom('a', 'b', 'c', ':x', ':y')
    const pattern = fc.array(segment, { minLength: 1, maxLength: 4 }).map(parts => `/${parts.join('/')}`)
    const path = fc
      .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 5 })
      .map(parts => `/${parts.join('/')}`)
    const asExpression = (text: string) => new RegExp(`^${text.replace(/:\w/g, '([^/]+)')}$`)
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 8 }), path, (patterns, target) => {
        const matching = patterns.filter(text => asExpression(text).test(target))
        const found = table(...patterns)(target)
        if (matching.length === 0) expect(found).toBeUndefined()
        else expect(asExpression(found?.[0] as string).test(target)).toBe(true)
      }),
    )
  })
})

test('a pattern has a route of its own, whatever its segments are called', () => {
  const routes = new RouteTable()
  expect(routes.at('/a/:b')).toBe(routes.at('/a/:c'))
  expect(routes.at('/a/:b')).not.toBe(routes.at('/a/b'))
})

test('a pattern begins with a slash', () => {
  expect(() => new RouteTable().at('ilp')).toThrow(TypeError)
})
