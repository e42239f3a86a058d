import { type Disposable, type Lifecycle, sequence } from './lifecycle.js'
import type { Middleware, Service } from './service.js'

/**
 * A chain in the making, written in the order in which a packet meets its layers. `Outer` is what the finished
 * chain takes, `Inner` what the next layer has to take.
 */
export interface Stack<Outer, Inner> {
  /** Adds a layer that passes on requests of the kind it takes. */
  readonly use: (layer: Middleware<Inner>) => Stack<Outer, Inner>
  /** Adds a layer that passes on requests of another kind: a router. */
  readonly route: <Next>(layer: Middleware<Inner, Next>) => Stack<Outer, Next>
  /**
   * Puts the layers around the service that ends the chain. The chain starts from the inside out and stops from the
   * outside in.
   */
  readonly around: (service: Service<Inner>) => Chain<Outer>
}

/** A finished chain: a service that starts and stops all its layers. */
export type Chain<Request> = Service<Request> & Disposable

/** An empty stack for requests of this kind. */
export function stack<Request>(): Stack<Request, Request> {
  return add<Request, Request>(end => ({ outermost: end, parts: [] }))
}

/** What a stack makes of the service that ends it: the outermost layer, and all layers from the inside out. */
interface Built<Outer> {
  readonly outermost: Service<Outer>
  readonly parts: readonly Lifecycle[]
}

function add<Outer, Inner>(build: (end: Service<Inner>) => Built<Outer>): Stack<Outer, Inner> {
  const route = <Next>(layer: Middleware<Inner, Next>) =>
    add<Outer, Next>(end => {
      const service = layer(end)
      const { outermost, parts } = build(service)
      return { outermost, parts: [ownSteps(service, end), ...parts] }
    })
  return {
    use: route,
    route,
    around: end => {
      const { outermost, parts } = build(end)
      return { ready: outermost.ready, call: outermost.call, ...sequence([end, ...parts]) }
    },
  }
}

/**
 * The steps that a layer adds to the life cycle. A layer may be the service that it was given, or a copy of it with
 * another `call`: the steps that it has from there are not its own.
 */
function ownSteps(layer: Partial<Lifecycle>, inner: Partial<Lifecycle>): Lifecycle {
  const run = async (step: keyof Lifecycle): Promise<void> => {
    const isInner = layer === inner || (Object.hasOwn(layer, step) && layer[step] === inner[step])
    if (!isInner) await layer[step]?.()
  }
  return { start: () => run('start'), stop: () => run('stop') }
}
