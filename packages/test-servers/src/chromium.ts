import { locate, type Program } from './binaries.js'

const chromium: Program = {
  name: 'chromium',
  folders: async () => [],
  debianPackage: 'chromium',
  otherwise: 'name the program of another one in CHROMIUM',
}

/**
 * The program of a Chromium: the one that CHROMIUM names, otherwise the system's.
 * @throws Error that says what to install
 */
export async function chromiumProgram(): Promise<string> {
  const { CHROMIUM: given } = process.env
  return given || locate(chromium)
}
