/**
 * Tests of stores on a server that several processes share: processes that are killed, paused and restarted,
 * connections that are cut, servers that go away. For any test runner.
 *
 * @module
 */
export { type BucketsHarness, bucketArithmetic, type KeptBucket } from './buckets.js'
export { ALICE, BOB, commit, holds, LONG, persist, reserve, Stores, stored } from './given.js'
export type { Backend, ProcessesHarness, ProcessesTest, StoreModule } from './harness.js'
export { storeOutages } from './outages/outages.js'
export type { OutagesHarness } from './outages/scene.js'
export { storeProcesses } from './processes.js'
