import { z } from 'zod'

export const milliseconds = z.int().min(1).max(86_400_000)

export const url = (schemes: readonly string[]) =>
  z
    .string()
    .refine(
      text => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)),
      `expected a URL that begins with ${schemes.map(scheme => `${scheme}://`).join(' or ')}`,
    )
    .refine(
      text => !URL.canParse(text) || (new URL(text).password === '' && new URL(text).hash === ''),
      'expected a URL without a password, since tokens have a setting of their own, and without a fragment',
    )
