/** Who makes a request, as authentication found out. */
export interface Identity {
  readonly user: string
  readonly uid?: string
  readonly groups: readonly string[]
  /** Anything else that the authenticator knows. */
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** The groups that tell known callers from unknown ones. */
export const AUTHENTICATED_GROUP = 'system:authenticated'
export const UNAUTHENTICATED_GROUP = 'system:unauthenticated'

/** Whoever shows no credentials; lets in at the health and version endpoints only. */
export const ANONYMOUS: Identity = { user: 'system:anonymous', groups: [UNAUTHENTICATED_GROUP] }

/** The API server itself, for what it does of its own accord. */
export const API_SERVER: Identity = { user: 'system:apiserver', groups: ['system:masters', AUTHENTICATED_GROUP] }

/** Whoever uses the insecure port, where there is one. */
export const UNSECURED: Identity = { user: 'system:unsecured', groups: ['system:masters', AUTHENTICATED_GROUP] }

/** An identity that has proved itself, with the group that says so. */
export const authenticated = ({ groups, ...identity }: Identity): Identity => ({
  ...identity,
  groups: groups.includes(AUTHENTICATED_GROUP) ? groups : [...groups, AUTHENTICATED_GROUP],
})
