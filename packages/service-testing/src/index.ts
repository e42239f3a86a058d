/**
 * What tests of services need: accounts, packets whose condition and fulfillment fit, inner services that do as they
 * are told, and a logger that remembers. No test runner is assumed.
 *
 * @module
 */
export { type TestAccount, testAccount } from './account.js'
export { type LogEntry, type RecordingLogger, recordingLogger } from './logger.js'
export { TEST_CONDITION, TEST_FULFILLMENT, testFulfill, testPrepare, testReject } from './packets.js'
export { fulfillingService, type ScriptedCall, type ScriptedService, scriptedService } from './service.js'
