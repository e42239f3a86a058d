import { template } from './template.js'

export type Kind = 'store' | 'middleware' | 'protocol'

/** What each template calls the package that it is. */
export const KINDS: Readonly<Record<Kind, string>> = {
  store: 'my-store',
  middleware: 'my-layer',
  protocol: 'my-packet',
}

/** A line of a template's README, in the place of which its example is shown. */
const EXAMPLE = '<!-- example/usage.ts -->'
/** What is not code: comments and texts in quotes. */
const PROSE = /\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'/g
/** Words of the language, which nothing can be called. */
const RESERVED = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof undefined var void while with yield'
  ).split(' '),
)
const NAME = /^(@[a-z0-9][a-z0-9._-]*\/)?([a-z][a-z0-9]*(?:-[a-z0-9]+)*)$/

/** The part of a package's name behind the scope. */
export function baseName(name: string): string {
  const base = NAME.exec(name)?.[2]
  if (base === undefined || name.length > 214)
    throw new Error(
      `${JSON.stringify(name)} is no name for a package: lower-case words with hyphens between them`,
    )
  return base
}

/** `my-layer` as functions, types and constants are called. */
function spellings(base: string): readonly [kebab: string, camel: string, pascal: string, constant: string] {
  const camel = base.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const pascal = camel.replace(/^./, letter => letter.toUpperCase())
  return [base, camel, pascal, base.toUpperCase().replaceAll('-', '_')]
}

/** The first new name of something in this code that is the language's, or another thing's in it. */
function clash(code: string, renamed: (text: string) => string): string | undefined {
  const words = new Set(code.replace(PROSE, '').match(/\w+/g))
  return [...words]
    .filter(word => renamed(word) !== word)
    .map(renamed)
    .find(word => words.has(word) || RESERVED.has(word))
}

/**
 * The sources, tests, example and README of a package of this name, by path.
 * @param name as npm knows it, with or without a scope
 * @throws Error for a name that npm would not take, that is none for functions, or that is another's in the template
 */
export async function sources(kind: Kind, name: string): Promise<Map<string, string>> {
  const wanted = spellings(baseName(name))
  const former = spellings(KINDS[kind])
  const renamed = (text: string): string => {
    const packageRenamed = text.replaceAll(`@ilp/${former[0]}`, name)
    return former.reduce(
      (result, spelling, index) => result.replaceAll(spelling, wanted[index] as string),
      packageRenamed,
    )
  }
  const files = new Map<string, string>()
  for (const [path, text] of await template(kind)) {
    const newPath = renamed(path)
    const taken = files.has(newPath) ? newPath : path.endsWith('.ts') && clash(text, renamed)
    if (taken) throw new Error(`a ${kind} can't be called ${name}: ${taken} is taken`)
    files.set(newPath, renamed(text))
  }
  const example = files.get('example/usage.ts') as string
  files.set(
    'README.md',
    (files.get('README.md') as string).replace(EXAMPLE, () => example.trim()),
  )
  return files
}
