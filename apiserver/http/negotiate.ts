/** Content negotiation: which representation an Accept header asks for, of those that are served. */

export interface AcceptClause {
  /** `application/json`, `application/*`, `* /*` without the space. */
  type: string
  parameters: Readonly<Record<string, string>>
}

/** How many different headers are remembered; a handful covers all clients, and more than this is nobody's real use. */
const HEADERS_MAX = 256

function parseClause(text: string): AcceptClause & { quality: number } {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim())
  const parameters = Object.fromEntries(
    rest.map((parameter) => {
      const [name = '', value = ''] = parameter.split('=')
      return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')]
    }),
  )
  const quality = parameters.q === undefined ? 1 : Number(parameters.q) || 0
  return { type: type.toLowerCase(), parameters, quality }
}

/** The clauses of an Accept header, best first; none given is anything. */
function parseAccept(header: string): readonly AcceptClause[] {
  const clauses = header
    .split(',')
    .map(parseClause)
    .filter(({ type, quality }) => type !== '' && quality > 0)
  if (header.trim() === '') return [{ type: '*/*', parameters: {} }]
  return clauses.sort((a, b) => b.quality - a.quality)
}

/** Parses Accept headers; clients send the same few over and over, so each is parsed once. */
export function createAcceptParser(): (header: string | undefined) => readonly AcceptClause[] {
  const known = new Map<string, readonly AcceptClause[]>()
  return (header = '') => {
    const found = known.get(header) ?? parseAccept(header)
    if (known.size < HEADERS_MAX) known.set(header, found)
    return found
  }
}

export type Transformation = 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'

/** How an object or a list is to be shown. */
export interface Representation {
  format: 'json' | 'yaml'
  /** As something else than itself. */
  as?: Transformation
  /** API version of `meta.k8s.io` that the transformation speaks. */
  version: 'v1' | 'v1beta1'
}

const PLAIN_JSON: Representation = { format: 'json', version: 'v1' }
const PLAIN_YAML: Representation = { format: 'yaml', version: 'v1' }

const JSON_TYPES = new Set(['application/json', 'application/*', '*/*'])

const isTransformation = (as: string): as is Transformation =>
  as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'

function transformed({ as = '', v = '', g = '' }: Readonly<Record<string, string>>): Representation | undefined {
  if (!isTransformation(as) || g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined
  return { format: 'json', as, version: v }
}

/** The representation that a clause stands for; undefined where it is not served. */
function representationOf({ type, parameters }: AcceptClause, transforms: boolean): Representation | undefined {
  if (type === 'application/yaml') return parameters.as === undefined ? PLAIN_YAML : undefined
  if (!JSON_TYPES.has(type)) return undefined
  if (parameters.as === undefined) return PLAIN_JSON
  return transforms ? transformed(parameters) : undefined
}

/** The first representation of an Accept header that is served; undefined: not acceptable. */
export function chooseRepresentation(
  clauses: readonly AcceptClause[],
  { transforms }: { transforms: boolean },
): Representation | undefined {
  for (const clause of clauses) {
    const found = representationOf(clause, transforms)
    if (found !== undefined) return found
  }
  return undefined
}
