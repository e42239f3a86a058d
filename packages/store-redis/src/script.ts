import { createHash } from 'node:crypto'

/** A Lua script, and the name under which a server that has seen it knows it. */
export interface Script {
  readonly text: string
  readonly sha: string
}

export const script = (text: string): Script => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
})
