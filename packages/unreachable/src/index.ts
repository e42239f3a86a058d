/**
 * The end of a chain: answers whatever no client had a link for.
 *
 * @module
 */
export { type UnreachableAccount, type UnreachableDeps, unreachable } from './unreachable.js'
