import fc from 'fast-check'

const text = fc.string({ unit: 'grapheme', maxLength: 12 })

/** Text that sloppy encodings take for something else. */
const misleading = fc.constantFrom(
  '12345678901234567890',
  '1n',
  'bigint:1',
  '$bigint',
  'null',
  'true',
  '{"a":1}',
  '2020-01-01T00:00:00.000Z',
  "'; --",
  '\\u0041',
)

const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter(value => !Object.is(value, -0)),
)

/** Whatever an account's field may hold: strings, booleans, numbers, bigints, arrays, objects, undefined. */
export const plainData: fc.Arbitrary<unknown> = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    misleading,
    fc.boolean(),
    number,
    fc.bigInt(-(2n ** 100n), 2n ** 100n),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(text, misleading).filter(key => key !== '__proto__'),
      fc.oneof(tie('value'), fc.constant(undefined)),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value

/** The same without fields that are undefined: to those who read them they are as good as not there. */
export function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutUndefined(field)]))
}

/** Whether nothing in it can be changed. */
export const isFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozen))
