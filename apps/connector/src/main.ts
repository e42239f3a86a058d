import { readFileSync } from 'node:fs'
import { runProgram } from './cli/program.js'

// What was typed may hold a token, which whoever lists processes would see.
process.title = 'ilp-connector'
// Whoever reads the output may have had enough of it.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

try {
  process.exitCode = await runProgram(process.argv.slice(2), {
    environment: process.env,
    stdin: process.stdin,
    out: process.stdout,
    err: process.stderr,
    onInterrupt: handler => {
      process.on('SIGINT', handler)
      return () => void process.off('SIGINT', handler)
    },
    leave: exitCode => process.exit(exitCode),
    version: () => {
      const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
      return (JSON.parse(manifest) as { readonly version: string }).version
    },
  })
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
