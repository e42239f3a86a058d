import { StoreError } from '@ilp/store-traits'
import { ConfigError } from './config/load.js'

/** What the operator is told of an error that ends the process: what went wrong, or all there is where it is a bug. */
export function explain(error: unknown): unknown {
  if (error instanceof ConfigError) return `The configuration is refused:\n${error.message}`
  const isOperational = error instanceof StoreError || (error instanceof Error && 'syscall' in error)
  return isOperational ? `The connector can't start: ${error.message}` : error
}
