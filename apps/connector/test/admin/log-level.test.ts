import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkConfig, createConnector } from '../../src/index.js'
import { AdminApi } from '../support/admin-api.js'
import { settings } from '../support/settings.js'

describe('the log level', () => {
  it('is changed while the process runs', async () => {
    const lines: string[] = []
    const logger = pino({ level: 'error' }, { write: line => void lines.push(line) })
    const connector = createConnector(checkConfig(settings({ ilpAddress: 'test.node' })), { logger })
    onTestFinished(() => connector.stop())
    await connector.start()
    const api = await AdminApi.of({ adminUrl: connector.adminUrl() ?? '' })
    expect((await api.get('/log-level')).body).toEqual({ level: 'error' })
    expect(await api.put('/log-level', { level: 'debug' })).toMatchObject({
      status: 200,
      body: { level: 'debug' },
    })
    logger.debug({}, 'said')
    expect(lines.join()).toContain('said')
    expect((await api.put('/log-level', { level: 'loud' })).status).toBe(400)
    expect((await api.get('/log-level')).body).toEqual({ level: 'debug' })
  })
})
