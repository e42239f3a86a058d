/** A vitest reporter that closes the output with one plain line: how many tests passed and failed. */
export default class ClosingLine {
  onTestRunEnd(modules) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules)
      for (const test of module.children.allTests()) count[test.result().state] += 1
    const failed = count.failed + count.pending
    process.on('exit', () =>
      console.log(`${count.passed} passed, ${failed} failed, ${count.skipped} skipped`),
    )
  }
}
