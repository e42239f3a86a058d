/** Bytes that are not the OER that they should be. Never caused by anything but the bytes. */
export class OerError extends Error {
  override readonly name = 'OerError'
  readonly code = 'ERR_OER'
}
