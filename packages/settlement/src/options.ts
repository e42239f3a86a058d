/**
 * The options, when each number among them is a whole one above 0.
 * @throws RangeError when one isn't
 */
export function checkOptions<Options extends object>(options: Options): Options {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'number' && !(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  return options
}
