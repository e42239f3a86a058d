/**
 * What tests of services need: accounts, packets whose condition and fulfillment fit, inner services that do as they
 * are told, paths that do to packets what networks do, a logger that remembers, and a way to let time pass. No test
 * runner is assumed.
 *
 * @module
 */
export { type TestAccount, testAccount } from './account.js'
export { type LogEntry, type RecordingLogger, recordingLogger } from './logger.js'
export { TEST_CONDITION, TEST_FULFILLMENT, testFulfill, testPrepare, testReject } from './packets.js'
export { type TestPath, type TestPathOptions, testPath } from './path.js'
export { fulfillingService, type ScriptedCall, type ScriptedService, scriptedService } from './service.js'
export { type FakeTimers, timeLapse } from './time-lapse.js'
