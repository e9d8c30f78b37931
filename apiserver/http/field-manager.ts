/** Who is said to own the fields that a request writes. */
import { type FieldError, forbidden, invalid, required, tooLong } from '../../shared/field-errors.ts'
import { mediaTypeOf } from '../codec/parse.ts'
import { type ApiRequest, one } from './exchange.ts'

/** As upstream, in bytes. */
const MANAGER_BYTES_MAX = 128
const NAMELESS = 'unknown'
const APPLY_TYPE = 'application/apply-patch+yaml'

/** What Go counts as printable: letters, marks, numbers, punctuation, symbols and the plain space. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

/** Whether a PATCH brings a configuration to apply on the server, not a patch. */
export const isApply = ({ method, headers }: Pick<ApiRequest, 'method' | 'headers'>): boolean =>
  method === 'PATCH' && mediaTypeOf(headers['content-type']) === APPLY_TYPE

const codePointOf = (character: string) => `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`

function managerErrors(manager: string): FieldError[] {
  const errors = Buffer.byteLength(manager) > MANAGER_BYTES_MAX ? [tooLong('fieldManager', MANAGER_BYTES_MAX)] : []
  let position = 0
  for (const character of manager) {
    if (UNPRINTABLE.test(character)) {
      const detail = `invalid character ${codePointOf(character)} (at position ${position})`
      errors.push(invalid('fieldManager', manager, detail))
    }
    position += Buffer.byteLength(character)
  }
  return errors
}

/** What is wrong with a write's `fieldManager` and `force`. */
export function fieldManagerErrors(request: Pick<ApiRequest, 'method' | 'headers' | 'query'>): FieldError[] {
  const manager = one(request.query, 'fieldManager') ?? ''
  if (isApply(request) && manager === '') return [required('fieldManager', 'is required for apply patch')]
  const isForced = request.method === 'PATCH' && one(request.query, 'force') !== undefined && !isApply(request)
  const errors = isForced ? [forbidden('force', 'may not be specified for non-apply patch')] : []
  return manager === '' ? errors : [...errors, ...managerErrors(manager)]
}

/** The first words of a `User-Agent`, up to the slash: the name of the program. */
function programOf(userAgent: string): string {
  const [program = ''] = userAgent.split('/')
  let name = ''
  let bytes = 0
  for (const character of program) {
    if (UNPRINTABLE.test(character)) continue
    bytes += Buffer.byteLength(character)
    if (bytes > MANAGER_BYTES_MAX) break
    name += character
  }
  return name
}

/** The field manager of a write: what it says, or else its program. */
export const fieldManagerOf = ({ query, headers }: Pick<ApiRequest, 'headers' | 'query'>): string =>
  one(query, 'fieldManager') || programOf(headers['user-agent'] ?? '') || NAMELESS
