/**
 * What the audit log says of a request: an `audit.k8s.io/v1` Event of the level Metadata. Never a body, never a
 * credential; error messages are left out as well, since they quote what was sent.
 */
import { toMicroTime } from '../../shared/clock.ts'
import type { Decision } from '../auth/authorize.ts'
import type { Identity } from '../auth/identity.ts'

export interface AuditedRequest {
  auditId: string
  verb: string
  /** With its query. */
  requestUri: string
  /** Absent where the request did not prove who sent it. */
  identity?: Identity
  /** As whom the request was made, if not in its sender's own name. */
  impersonated?: Identity
  /** Absent where the request did not come so far that it was asked about. */
  decision?: Decision
  /** Present for requests on resources. */
  object?: { resource: string; group: string; version: string; namespace?: string; name?: string; subresource?: string }
  sourceIp: string
  userAgent: string
  receivedMs: number
  completedMs: number
  code: number
  /** Of an error. */
  reason?: string
}

/** As much of a client's own words as is kept. */
const TEXT_CHARACTERS_MAX = 2000

const shortened = (text: string) =>
  text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}...TRUNCATED` : text

const userOf = ({ user, uid, groups, extra }: Identity) => ({
  username: user,
  ...(uid !== undefined && { uid }),
  groups,
  ...(extra !== undefined && { extra }),
})

const objectRefOf = ({ group, version, ...names }: NonNullable<AuditedRequest['object']>) => ({
  ...names,
  ...(group !== '' && { apiGroup: group }),
  apiVersion: version,
})

const annotationsOf = ({ allowed, reason }: Decision) => ({
  'authorization.k8s.io/decision': allowed ? 'allow' : 'forbid',
  'authorization.k8s.io/reason': shortened(reason),
})

/** One line of the log. */
export function auditLine(request: AuditedRequest): string {
  const { identity, impersonated, decision, object, code, reason } = request
  const event = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: request.auditId,
    stage: 'ResponseComplete',
    requestURI: shortened(request.requestUri),
    verb: request.verb,
    user: identity === undefined ? {} : userOf(identity),
    ...(impersonated !== undefined && { impersonatedUser: userOf(impersonated) }),
    sourceIPs: [request.sourceIp],
    userAgent: shortened(request.userAgent),
    ...(object !== undefined && { objectRef: objectRefOf(object) }),
    responseStatus: {
      metadata: {},
      ...(code >= 400 && { status: 'Failure' }),
      ...(reason !== undefined && reason !== '' && { reason }),
      code,
    },
    requestReceivedTimestamp: toMicroTime(request.receivedMs),
    stageTimestamp: toMicroTime(request.completedMs),
    ...(decision !== undefined && { annotations: annotationsOf(decision) }),
  }
  return `${JSON.stringify(event)}\n`
}
