/** Why bytes are not a frame that can be taken. Stable: programs may compare with these. */
export type BtpFrameErrorCode =
  /** Structurally invalid, or past a limit. RFC 23, 'Flow': no response is sent to such a frame. */
  | 'ERR_BTP_UNREADABLE'
  /** Two sub-protocols have one name. The frame can be read, so that a request may be answered with an Error. */
  | 'ERR_BTP_DUPLICATE_NAME'

/** Bytes that are not the BTP frame that they should be. Never caused by anything but the bytes. */
export class BtpFrameError extends Error {
  override readonly name = 'BtpFrameError'
  readonly code: BtpFrameErrorCode

  constructor(code: BtpFrameErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export const unreadable = (message: string): BtpFrameError => new BtpFrameError('ERR_BTP_UNREADABLE', message)
