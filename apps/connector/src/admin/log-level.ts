import { z } from 'zod'
import { configSchema } from '../config/schema.js'
import type { AdminDeps } from './deps.js'
import { type Endpoint, endpoint } from './endpoint.js'
import { Problem } from './problem.js'

const levelSchema = z.strictObject({ level: configSchema.shape.logLevel.unwrap() })

export const logLevelEndpoints = ({ logger }: Pick<AdminDeps, 'logger'>): readonly Endpoint[] => {
  const answers = { 200: { description: 'the level as it is now', schema: levelSchema } }
  const level = () => {
    if (logger.level === undefined) throw new Problem(409, 'the level of this log can not be changed')
    return { status: 200, body: { level: logger.level } }
  }
  return [
    endpoint({
      method: 'GET',
      path: '/log-level',
      summary: 'From which level on this process writes to its log',
      answers,
      problems: [409],
      handle: level,
    }),
    endpoint({
      method: 'PUT',
      path: '/log-level',
      summary: 'Changes it, until the process ends',
      body: levelSchema,
      answers,
      problems: [409],
      handle: ({ body }) => {
        level()
        logger.level = body.level
        return level()
      },
    }),
  ]
}
