import { type Disposable, sequence } from './lifecycle.js'
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
  return add<Request, Request>(inner => [inner])
}

/** A stack whose finished chain is `build(end)`: its services from the end of the chain to the first layer. */
function add<Outer, Inner>(build: (end: Service<Inner>) => Built<Outer>): Stack<Outer, Inner> {
  const route = <Next>(layer: Middleware<Inner, Next>) =>
    add<Outer, Next>(end => {
      const inner = layer(end)
      const built = build(inner)
      // A layer that owns nothing may be the service that it was given.
      return (inner as unknown) === end ? built : ([end, ...built] as unknown as Built<Outer>)
    })
  return {
    use: route,
    route,
    around: end => {
      const services = build(end)
      const outermost = services[services.length - 1] as Service<Outer>
      return { ready: outermost.ready, call: outermost.call, ...sequence(services) }
    },
  }
}

type Built<Outer> = readonly [...Service<never>[], Service<Outer>]
