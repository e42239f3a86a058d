/**
 * CCP, the protocol in which connectors exchange routes, as deployed: its requests as packets, the tables that two
 * peers tell each other, and the rules by which routes are taken, chosen and told. No timers, no I/O.
 *
 * @module
 */
export { type BestRoute, BestRoutes } from './best-routes.js'
export { type Candidate, compareCandidates, type RouteOrigin } from './candidate.js'
export { controlRequest, FEATURES_MAX, type RouteControl, readControl } from './control.js'
export { CONTROL_ADDRESS, ccpResponse, InvalidCcpError, UPDATE_ADDRESS } from './envelope.js'
export { NO_TABLE } from './fields.js'
export {
  IncomingTable,
  type IncomingTableOptions,
  type LearnedRoute,
  type RouteChanges,
} from './incoming-table.js'
export { type Advertised, type Batch, LOG_PREFIXES_MAX, OutgoingTable } from './outgoing-table.js'
export {
  type AcceptanceRules,
  advertised,
  isAcceptable,
  isTold,
  ROUTE_OCTETS_MAX,
  type RouteTeller,
} from './rules.js'
export {
  type AdvertisedRoute,
  NEW_ROUTES_MAX,
  PATH_MAX,
  PROPERTIES_MAX,
  type RouteProperty,
  type RouteUpdate,
  readUpdate,
  sizeOfRoute,
  sizeOfText,
  updateRequest,
  WITHDRAWN_MAX,
} from './update.js'
