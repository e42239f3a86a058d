/** Every reject that the packages build: found in their sources, by the calls of `service-core`'s builders. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { published, root } from '../site/pages.js'

export interface BuiltReject {
  readonly file: string
  readonly service: string
  readonly code: string
  /** What its message may be, with … for what is put in; undefined where the source gets it from elsewhere. */
  readonly messages: readonly string[] | undefined
  /** The expression that is its message. */
  readonly expression: string
}

/** The builders by name, with their codes, as `service-core` has them. */
function buildersOf(): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, 'packages/service-core/src/rejects.ts'), 'utf8')
  const simple = [...text.matchAll(/export const (\w+) = builder\(IlpError\.([A-Z][0-9]{2})_/g)]
  const builders = new Map(simple.map(([, name = '', code = '']) => [name, code]))
  builders.set('amountTooLarge', 'F08')
  return builders
}

export const builders = buildersOf()

const sourcesOf = (dir: string): string[] =>
  readdirSync(join(root, dir, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(name))
    .map(name => `${dir}/src/${name}`)

export const sources: readonly string[] = [
  ...published.filter(({ layer }) => layer !== 'proof').map(({ dir }) => dir),
  'apps/connector',
].flatMap(sourcesOf)

/** The texts that an expression can have. */
function textsOf(expression: ts.Node | undefined, file: ts.SourceFile): readonly string[] | undefined {
  if (!expression) return undefined
  if (ts.isStringLiteralLike(expression)) return [expression.text]
  if (ts.isTemplateExpression(expression)) {
    return [expression.head.text + expression.templateSpans.map(span => `…${span.literal.text}`).join('')]
  }
  if (ts.isConditionalExpression(expression)) {
    return joined([expression.whenTrue, expression.whenFalse].map(one => textsOf(one, file)))
  }
  if (!ts.isIdentifier(expression)) return undefined
  return textsOf(constantOf(expression, file), file) ?? textsOfParameter(expression, file)
}

const joined = (parts: readonly (readonly string[] | undefined)[]): readonly string[] | undefined =>
  parts.length === 0 || parts.includes(undefined) ? undefined : parts.flatMap(texts => texts ?? [])

const walk = (node: ts.Node, look: (node: ts.Node) => void): void => {
  look(node)
  ts.forEachChild(node, child => walk(child, look))
}

/** What the nearest constant of this name above its use is. */
function constantOf(name: ts.Identifier, file: ts.SourceFile): ts.Expression | undefined {
  let found: ts.Expression | undefined
  walk(file, node => {
    if (ts.isVariableDeclaration(node) && node.name.getText(file) === name.text && node.pos < name.pos)
      found = node.initializer
  })
  return found
}

/** What a parameter can be: the arguments of all calls of its function in the file. */
function textsOfParameter(name: ts.Identifier, file: ts.SourceFile): readonly string[] | undefined {
  let scope: ts.Node = name
  while (!ts.isSourceFile(scope)) {
    scope = scope.parent
    if (!ts.isArrowFunction(scope) && !ts.isMethodDeclaration(scope)) continue
    const index = scope.parameters.findIndex(parameter => parameter.name.getText(file) === name.text)
    const named = ts.isArrowFunction(scope) ? scope.parent : scope
    if (index < 0 || !(ts.isVariableDeclaration(named) || ts.isMethodDeclaration(named))) continue
    const called = named.name.getText(file)
    const texts: (readonly string[] | undefined)[] = []
    walk(file, node => {
      if (!ts.isCallExpression(node)) return
      if (node.expression.getText(file).replace(/^this\./, '') === called)
        texts.push(textsOf(node.arguments[index], file))
    })
    const known = texts.filter(found => found !== undefined)
    return known.length === 0 ? undefined : known.flat()
  }
  return undefined
}

/** The functions that an expression may call. */
function calledBy(expression: ts.Expression): readonly string[] {
  if (ts.isIdentifier(expression)) return [expression.text]
  if (ts.isParenthesizedExpression(expression)) return calledBy(expression.expression)
  if (!ts.isConditionalExpression(expression)) return []
  return [...calledBy(expression.whenTrue), ...calledBy(expression.whenFalse)]
}

function rejectsOf(path: string): BuiltReject[] {
  const file = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true)
  const imported = new Map<string, string>()
  const found: BuiltReject[] = []
  walk(file, node => {
    if (ts.isImportSpecifier(node)) {
      const from = node.parent.parent.parent.moduleSpecifier.getText(file)
      const code = builders.get((node.propertyName ?? node.name).text)
      if (code !== undefined && /service-core|rejects\.js/.test(from)) imported.set(node.name.text, code)
    }
    if (!ts.isCallExpression(node)) return
    const message = node.arguments[1]
    for (const name of calledBy(node.expression)) {
      const code = imported.get(name)
      if (code === undefined || !message) continue
      const service = path.split('/')[1] ?? ''
      found.push({
        file: path,
        service,
        code,
        messages: textsOf(message, file),
        expression: message.getText(file),
      })
    }
  })
  return found
}

export const rejectsInSource = (): readonly BuiltReject[] => sources.flatMap(rejectsOf)
