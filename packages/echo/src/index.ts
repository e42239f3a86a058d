/**
 * Answers the echo protocol, so that others can test the way to this node and back.
 *
 * @module
 */
export { type EchoDeps, echo } from './echo.js'
