import { type LogEntry, type RecordingLogger, recordingLogger } from '@ilp/service-testing'
import { onTestFinished } from 'vitest'
import { type Connector, checkConfig, createConnector } from '../../src/index.js'
import { eventually } from './eventually.js'
import { Face } from './face.js'
import { type Settings, settings } from './settings.js'

export class RunningConnector extends Face {
  constructor(
    readonly connector: Connector,
    readonly logger: RecordingLogger,
  ) {
    super(connector.url(), connector.adminUrl() as string)
  }

  /** Settles when the link to a peer that is dialled has come up so many times. */
  async linkUp(username: string, times = 1): Promise<void> {
    const isUp = ({ message, fields }: LogEntry) =>
      message === 'BTP link is up' && (fields as { account: string }).account === username
    const count = () => this.logger.entries.filter(isUp).length
    await eventually(count).toBeGreaterThanOrEqual(times)
  }
}

/** A connector in this process, stopped at the end of the test at the latest. */
export async function startConnector(more: Settings): Promise<RunningConnector> {
  const logger = recordingLogger()
  const connector = createConnector(checkConfig(settings(more)), { logger })
  onTestFinished(() => connector.stop())
  await connector.start()
  return new RunningConnector(connector, logger)
}
