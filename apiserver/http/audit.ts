import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../shared/clock.ts'
import { type AuditedRequest, auditLine } from '../audit/audit-event.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { type Call, type CallObserver, groupVersionOf, type Outcome } from './call.ts'

function objectOf({ endpoint, request }: Call): AuditedRequest['object'] {
  if (endpoint?.resource === undefined) return undefined
  const { group, plural, subresource } = endpoint.resource
  const { version } = groupVersionOf(endpoint.path)
  return {
    resource: plural,
    ...(request?.namespace !== undefined && { namespace: request.namespace }),
    ...(request?.name !== undefined && { name: request.name }),
    group,
    version,
    ...(subresource !== undefined && { subresource }),
  }
}

function audited(call: Call, { code, reason }: Outcome, completedMs: number): AuditedRequest {
  const { raw, identity, impersonator, decision } = call
  const object = objectOf(call)
  return {
    auditId: call.auditId,
    verb: call.verb,
    requestUri: raw.url ?? '',
    ...(identity !== undefined && { identity: impersonator ?? identity }),
    ...(impersonator !== undefined && identity !== undefined && { impersonated: identity }),
    ...(decision !== undefined && { decision }),
    ...(object !== undefined && { object }),
    sourceIp: (raw.socket as TLSSocket).remoteAddress ?? '',
    userAgent: raw.headers['user-agent'] ?? '',
    receivedMs: call.receivedMs,
    completedMs,
    code,
    ...(reason !== undefined && { reason }),
  }
}

/** Writes a line to the audit log for each request. */
export const createAuditor =
  (log: AuditLog, clock: Clock): CallObserver =>
  (call, outcome) =>
    log.write(auditLine(audited(call, outcome, clock.nowMs())))
