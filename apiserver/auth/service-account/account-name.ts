/** The user name of a service account, and its groups. Pure. */
import { AUTHENTICATED_GROUP } from '../identity.ts'

export interface AccountName {
  namespace: string
  name: string
}

const PREFIX = 'system:serviceaccount:'
const ALL_ACCOUNTS = 'system:serviceaccounts'

export const accountUser = ({ namespace, name }: AccountName): string => `${PREFIX}${namespace}:${name}`

/** The account that a user name stands for; undefined where it stands for none. */
export function accountOf(user: string): AccountName | undefined {
  if (!user.startsWith(PREFIX)) return undefined
  const [namespace = '', name = '', ...rest] = user.slice(PREFIX.length).split(':')
  return namespace === '' || name === '' || rest.length > 0 ? undefined : { namespace, name }
}

export const accountGroups = (namespace: string): string[] => [
  ALL_ACCOUNTS,
  `${ALL_ACCOUNTS}:${namespace}`,
  AUTHENTICATED_GROUP,
]
