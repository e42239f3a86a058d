/**
 * OER primitives as Interledger uses them (RFC 30): length prefixes, a `Reader` and a `Writer` over buffers.
 *
 * Strict in both directions: a length that is indefinite, longer than needed or past the end of the bytes is an
 * `OerError`. Nothing is allocated for a length before the bytes that it claims have been seen.
 *
 * @module
 */
export { OerError } from './error.js'
export { lengthPrefixSize, readLengthPrefix, sizeOfLengthPrefix, writeLengthPrefix } from './length.js'
export { Reader } from './reader.js'
export { readUInt64, UINT64_MAX, writeUInt64 } from './uint64.js'
export { sizeOfVarUInt, Writer } from './writer.js'
