/** Characters that a price can have where it is used. */
const PRICE_LENGTH_MAX = 64

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/**
 * What the JSON says, with numbers as the text that they were written in: a float would have lost digits.
 * @throws SyntaxError
 */
export const parseExactJson = (text: string): unknown =>
  JSON.parse(text.replace(STRING_OR_NUMBER, token => (token.startsWith('"') ? token : `"${token}"`)))

const NUMBER = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/** The same number without an exponent; undefined for what is no price: not above zero, or too long. */
export function decimalOf(text: string): string | undefined {
  const parts = text.length <= PRICE_LENGTH_MAX ? NUMBER.exec(text) : null
  if (!parts || !/[1-9]/.test(text.replace(/[eE].*/, ''))) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = parts
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  const decimal = pointed(digits, point)
  return decimal.length <= PRICE_LENGTH_MAX ? decimal : undefined
}

/** The digits with a point before the one at `point`, which may lie outside of them. */
function pointed(digits: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return digits.padEnd(point, '0')
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}
