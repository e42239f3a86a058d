import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const TEMPLATES = fileURLToPath(new URL('../templates/', import.meta.url))

/** The files of a template as they are, by path, with `/` on every system. */
export async function template(name: string): Promise<Map<string, string>> {
  const folder = join(TEMPLATES, name)
  const files = new Map<string, string>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) files.set(relative(folder, path).replaceAll(sep, '/'), await readFile(path, 'utf8'))
  }
  return files
}
