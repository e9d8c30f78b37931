import { type ApiRequest, type Endpoint, one } from './exchange.ts'

/** The verbs of methods on one object; on a collection DELETE and GET mean others. */
const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  OPTIONS: 'options',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** What a request does, in authorization's words: a resource verb, or the method where it is about no resource. */
export function verbOf(
  { method, name, query }: Pick<ApiRequest, 'method' | 'name' | 'query'>,
  { resource }: Pick<Endpoint, 'resource'>,
): string {
  if (resource === undefined) return method.toLowerCase()
  if (name !== undefined) return VERBS[method]!
  if (method === 'DELETE') return 'deletecollection'
  if (method !== 'GET') return VERBS[method]!
  const watch = one(query, 'watch')
  return watch === undefined || watch === 'false' || watch === '0' ? 'list' : 'watch'
}
