/** Acting as somebody else: which rights a request takes that asks for it, and who it then is. Pure. */
import { badRequest } from '../../shared/errors.ts'
import type { ResourceAttributes } from './authorize.ts'
import { ANONYMOUS, AUTHENTICATED_GROUP, type Identity, UNAUTHENTICATED_GROUP } from './identity.ts'
import { accountGroups, accountOf } from './service-account/account-name.ts'

const USER = 'impersonate-user'
const GROUP = 'impersonate-group'
const UID = 'impersonate-uid'
const EXTRA = 'impersonate-extra-'

export interface Impersonation {
  /** Each must be allowed, with the verb `impersonate`. */
  needs: ResourceAttributes[]
  identity: Identity
}

type Headers = Readonly<Record<string, readonly string[] | undefined>>

/** Whether a request wants to act as somebody else. */
export const isImpersonation = (headers: Readonly<Record<string, unknown>>): boolean =>
  headers[USER] !== undefined || headers[GROUP] !== undefined || headers[UID] !== undefined

/** Keys of extra facts come escaped, since headers cannot hold all characters. */
function extraKey(header: string): string {
  try {
    return decodeURIComponent(header.slice(EXTRA.length))
  } catch {
    // What is not escaped is taken as it is, as upstream does.
    return header.slice(EXTRA.length)
  }
}

const AUTHENTICATION = 'authentication.k8s.io'

function needsOf(
  user: string,
  groups: readonly string[],
  uid: string | undefined,
  extra: [string, readonly string[]][],
) {
  const account = accountOf(user)
  const asUser =
    account === undefined
      ? { group: '', plural: 'users', name: user }
      : { group: '', plural: 'serviceaccounts', ...account }
  return [
    asUser,
    ...groups.map((name) => ({ group: '', plural: 'groups', name })),
    ...(uid === undefined ? [] : [{ group: AUTHENTICATION, plural: 'uids', name: uid }]),
    ...extra.flatMap(([key, values]) =>
      values.map((name) => ({ group: AUTHENTICATION, plural: 'userextras', subresource: key, name })),
    ),
  ]
}

/** The groups that somebody is in who is not said to be in any, and the one that tells known callers from unknown ones. */
function groupsOf(user: string, given: readonly string[]): string[] {
  const account = accountOf(user)
  const groups = given.length === 0 && account !== undefined ? accountGroups(account.namespace) : [...given]
  const own = user === ANONYMOUS.user ? UNAUTHENTICATED_GROUP : AUTHENTICATED_GROUP
  return groups.includes(AUTHENTICATED_GROUP) || groups.includes(own) ? groups : [...groups, own]
}

/** Reads a request's headers, in their distinct form: names in lower case, a list of values each. Throws a BadRequest. */
export function readImpersonation(headers: Headers): Impersonation {
  const [user = ''] = headers[USER] ?? []
  const groups = headers[GROUP] ?? []
  const [uid] = headers[UID] ?? []
  if (user === '') throw badRequest('requested impersonation of groups or a uid without impersonating a user')
  const extra = Object.entries(headers)
    .filter(([name]) => name.startsWith(EXTRA))
    .map(([name, values = []]): [string, readonly string[]] => [extraKey(name), values])
  return {
    needs: needsOf(user, groups, uid, extra),
    identity: {
      user,
      groups: groupsOf(user, groups),
      ...(uid !== undefined && { uid }),
      ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
    },
  }
}
