import { styleText } from 'node:util'
import type { Sink, Terminal } from './terminal.js'

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

/** Text in a colour, where it goes to a terminal that shows some. */
export type Style = (colour: Colour, text: string) => string

/** Colours on a terminal, unless `NO_COLOR` is set to something. */
export function styleOf(sink: Sink, { environment }: Pick<Terminal, 'environment'>): Style {
  const { NO_COLOR, TERM } = environment
  const isPlain = !sink.isTTY || Boolean(NO_COLOR) || TERM === 'dumb'
  return (colour, text) => (isPlain ? text : styleText(colour, text, { validateStream: false }))
}

/** What peers have a say in could move the cursor, or worse. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that are looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Text from elsewhere, on one line and without a way to steer a terminal. */
export const harmless = (text: string): string =>
  text.replace(CONTROL, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
