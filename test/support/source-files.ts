/** The repository's own TypeScript files with their imports, as the architecture test judges them. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export interface Import {
  /** As written: `../shared/clock.ts`, `undici`, `node:fs`. */
  specifier: string
  /** What it leads to: a path in the repository, a package's name, or `node:…`. */
  target: string
  kind: 'path' | 'package' | 'node'
  /** Erased before the program runs. An import of types alone that is not marked as a whole still loads the module. */
  isType: boolean
}

export interface SourceFile {
  /** From the repository's root, with slashes. */
  path: string
  /** First folder of the path. */
  room: string
  text: string
  imports: readonly Import[]
}

const STATIC =
  /^(?:import|export)(\s+type)?\s+(?:\*(?:\s+as\s+\w+)?|\w+\s*,?\s*)?\s*(?:\{[^}]*\})?\s*from\s*'([^']+)'/gm
const BARE = /^import\s*'([^']+)'/gm
/** `import('x')` as a value; `typeof import('x')` and `import('x').Type` are types. */
const DYNAMIC = /(?<!typeof\s)\bimport\(\s*'([^']+)'\s*\)(?!\.[A-Z])/g

const COMMENT = /^\s*\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm

function resolve(path: string, specifier: string): Pick<Import, 'target' | 'kind'> {
  if (specifier.startsWith('.')) return { kind: 'path', target: normalize(join(dirname(path), specifier)) }
  if (specifier.startsWith('node:')) return { kind: 'node', target: specifier }
  const [scope = '', name] = specifier.split('/')
  return { kind: 'package', target: scope.startsWith('@') ? `${scope}/${name}` : scope }
}

function readImports(path: string, text: string): Import[] {
  const code = text.replaceAll(COMMENT, '')
  const found: [specifier: string, isType: boolean][] = [
    ...[...code.matchAll(STATIC)].map(([, type, specifier]): [string, boolean] => [specifier!, type !== undefined]),
    ...[BARE, DYNAMIC].flatMap((pattern) =>
      [...code.matchAll(pattern)].map(([, specifier]): [string, boolean] => [specifier!, false]),
    ),
  ]
  return found.map(([specifier, isType]) => ({ specifier, isType, ...resolve(path, specifier) }))
}

/** Every TypeScript file below `root` that is ours. */
export function readSourceFiles(root: string): SourceFile[] {
  const paths = globSync('**/*.ts', {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name.startsWith('.') || name.startsWith('tap-testdir'),
  })
  return paths
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      return { path, room: path.split('/')[0]!, text, imports: readImports(path, text) }
    })
}

/**
 * The shortest chain of run-time imports from a file to something that `isTarget` names, or undefined. What only types
 * are imported from is not followed.
 */
export function findChain(
  files: ReadonlyMap<string, SourceFile>,
  start: SourceFile,
  isTarget: (entry: Import) => boolean,
): string[] | undefined {
  const chains: string[][] = [[start.path]]
  const visited = new Set([start.path])
  for (const chain of chains) {
    const imports = files.get(chain.at(-1)!)?.imports.filter(({ isType }) => !isType) ?? []
    const hit = imports.find(isTarget)
    if (hit !== undefined) return [...chain, hit.target]
    for (const { kind, target } of imports) {
      if (kind !== 'path' || visited.has(target)) continue
      visited.add(target)
      chains.push([...chain, target])
    }
  }
  return undefined
}
