import { type FieldError, invalid, required } from '../field-errors.ts'
import { validateSubdomain } from './names.ts'

const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/

/** Errors of names such as `kubernetes.io/job-controller`: a domain and a path of one segment or more. */
export function validateDomainPrefixedPath(text: string, field: string): FieldError[] {
  if (text === '') return [required(field)]
  const slash = text.indexOf('/')
  if (slash <= 0 || slash === text.length - 1)
    return [invalid(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const [domain, path] = [text.slice(0, slash), text.slice(slash + 1)]
  const errors = validateSubdomain(domain).map((detail) => invalid(field, domain, detail))
  if (!PATH.test(path)) {
    const source = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
    errors.push(invalid(field, path, `Invalid path (regex used for validation is '${source}')`))
  }
  return errors
}
