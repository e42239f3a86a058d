/**
 * How often a second `step` gets through, given one input after another for so long. Inputs come in whole passes, so
 * that each counts the same; the sizes of the results are summed up, so that none can be left out.
 */
export async function perSecond<Input>(
  inputs: readonly Input[],
  step: (input: Input) => Uint8Array | Promise<Uint8Array>,
  durationMs: number,
): Promise<number> {
  let steps = 0
  let octets = 0
  let elapsedMs = 0
  const start = performance.now()
  while (elapsedMs < durationMs) {
    for (const input of inputs) {
      const result = step(input)
      octets += (result instanceof Promise ? await result : result).length
    }
    steps += inputs.length
    elapsedMs = performance.now() - start
  }
  if (octets === 0) throw new Error('the results are empty')
  return (steps / elapsedMs) * 1_000
}
