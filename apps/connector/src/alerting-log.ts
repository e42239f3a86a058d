import type { Logger } from '@ilp/service-core'

/** The log, which passes on what somebody has to look at: errors, to `alert` as well. */
export const alertingLog = (
  logger: Logger,
  alert: (message: string, account: string | undefined) => void,
): Logger => ({
  debug: (fields, message) => logger.debug(fields, message),
  info: (fields, message) => logger.info(fields, message),
  warn: (fields, message) => logger.warn(fields, message),
  error: (fields, message) => {
    logger.error(fields, message)
    const { account } = fields as { readonly account?: unknown }
    alert(message, typeof account === 'string' ? account : undefined)
  },
})
