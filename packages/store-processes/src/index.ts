/**
 * Tests of stores that several processes share, which are killed, paused and restarted, for any test runner.
 *
 * @module
 */
export type { Backend, ProcessesHarness, ProcessesTest, StoreModule } from './harness.js'
export { storeProcesses } from './processes.js'
