import { type ApiRequest, one } from './exchange.ts'

const READERS = /^(curl|Wget|Mozilla\/5\.0)/

/** Whether the answer is for a person to read: asked for by `?pretty`, else where the client is one that people use. */
export function isForPeople({ query, headers }: Pick<ApiRequest, 'query' | 'headers'>): boolean {
  const pretty = one(query, 'pretty')
  if (pretty !== undefined) return pretty === '' || pretty === '1' || pretty.toLowerCase() === 'true'
  return READERS.test(headers['user-agent'] ?? '')
}
