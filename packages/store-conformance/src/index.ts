/**
 * The tests that every store has to pass, for any test runner: they assert with `node:assert` and know nothing of who
 * calls them.
 *
 * @module
 */
export { type ConformanceTest, storeConformance } from './conformance.js'
export {
  type ConformanceAccount,
  type StoreHarness,
  type TestedStore,
  TRAITS,
  type Trait,
} from './harness.js'
