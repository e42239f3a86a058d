import { type Plugin, pluginLink, servicePlugin } from '@ilp/plugin-adapter'
import {
  type Account,
  type IncomingRequest,
  type Middleware,
  type OutgoingRequest,
  type Service,
  stack,
} from '@ilp/service-core'

/** A node between a program that takes a plugin, such as npm's `ilp-protocol-stream`, and a peer behind a plugin. */
export function nodeBetween<A extends Account>(
  program: A,
  peer: { readonly account: A; readonly plugin: Plugin },
  router: Middleware<IncomingRequest<A>, OutgoingRequest<A>>,
  end: Service<OutgoingRequest<A>>,
) {
  const address = () => 'test.node'
  const ours = servicePlugin({ account: program, address })
  const theirs = pluginLink({ ...peer, address })
  const outgoing = stack<OutgoingRequest<A>>().use(ours.client).use(theirs.client).around(end)
  const chain = stack<IncomingRequest<A>>().use(ours.server).use(theirs.server).route(router).around(outgoing)
  /** Start the chain, then give the plugin to the program. */
  return { chain, plugin: ours.plugin }
}
