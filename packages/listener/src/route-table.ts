import type { Params, RequestHandler, UpgradeHandler } from './http.js'

/** A handler, and what its pattern calls the segments that it leaves open. */
export interface Entry<Handler> {
  readonly handler: Handler
  readonly names: readonly string[]
}

/** What is served at the paths of one pattern. Stays when all of it is gone: the path is known, its service isn't there. */
export interface Route {
  readonly methods: Map<string, Entry<RequestHandler>>
  upgrade: Entry<UpgradeHandler> | undefined
}

/** A path's route, and its open segments in order. */
export interface Match {
  readonly route: Route
  readonly values: readonly string[]
}

class Node {
  readonly children = new Map<string, Node>()
  /** For segments that none of `children` is for. */
  open: Node | undefined
  route: Route | undefined
}

const isOpen = (segment: string): boolean => segment.startsWith(':')

/** The names of a pattern's open segments. */
export const namesOf = (pattern: string): readonly string[] =>
  pattern
    .split('/')
    .filter(isOpen)
    .map(segment => segment.slice(1))

/** Routes by path, a tree of segments: a look-up costs one map access a segment, whatever the number of routes. */
export class RouteTable {
  readonly #root = new Node()

  /**
   * The route of a pattern such as `/accounts/:username/ilp`, made when there is none.
   * @throws TypeError for a pattern that doesn't begin with a slash
   */
  at(pattern: string): Route {
    if (!pattern.startsWith('/'))
      throw new TypeError(`pattern ${JSON.stringify(pattern)} has no leading slash`)
    let node = this.#root
    for (const segment of pattern.slice(1).split('/'))
      node = isOpen(segment) ? openOf(node) : childOf(node, segment)
    node.route ??= { methods: new Map(), upgrade: undefined }
    return node.route
  }

  /** What serves a request's target: an absolute path, and maybe a query. A fixed segment goes before an open one. */
  find(target: string): Match | undefined {
    const query = target.indexOf('?')
    const path = query < 0 ? target : target.slice(0, query)
    if (!path.startsWith('/')) return undefined
    const values: string[] = []
    const route = search(this.#root, path, 1, values)
    return route && { route, values }
  }
}

function childOf(node: Node, segment: string): Node {
  let child = node.children.get(segment)
  if (!child) {
    child = new Node()
    node.children.set(segment, child)
  }
  return child
}

function openOf(node: Node): Node {
  node.open ??= new Node()
  return node.open
}

function search(node: Node, path: string, from: number, values: string[]): Route | undefined {
  if (from > path.length) return node.route
  const slash = path.indexOf('/', from)
  const end = slash < 0 ? path.length : slash
  const segment = path.slice(from, end)
  const child = node.children.get(segment)
  const found = child && search(child, path, end + 1, values)
  if (found || !node.open || segment === '') return found
  const value = decoded(segment)
  if (value === undefined) return undefined
  values.push(value)
  const route = search(node.open, path, end + 1, values)
  if (!route) values.pop()
  return route
}

function decoded(segment: string): string | undefined {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

const NO_PARAMS: Params = Object.freeze({})

/** The open segments by their names. */
export function paramsOf(names: readonly string[], values: readonly string[]): Params {
  if (names.length === 0) return NO_PARAMS
  const params: Record<string, string> = {}
  for (let i = 0; i < names.length; i++) params[names[i] as string] = values[i] as string
  return params
}
