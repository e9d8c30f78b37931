/** What admission plugins know, for tables: nothing but what a test says. */
import type { AdmissionRequest, AdmissionWorld } from '../../../apiserver/admission/admission.ts'
import { authorizeAuthenticated } from '../../../apiserver/auth/authorize.ts'
import { API_SERVER } from '../../../apiserver/auth/identity.ts'
import type { Kind } from '../../../shared/api/kind.ts'

export const admissionWorld = (known: Partial<AdmissionWorld> = {}): AdmissionWorld => ({
  config: { notReadyTolerationSeconds: 5, unreachableTolerationSeconds: 6, mountsAccountTokens: false },
  namespace: () => undefined,
  priorityClass: () => undefined,
  priorityClasses: () => [],
  limitRanges: () => [],
  serviceAccount: () => undefined,
  pod: () => undefined,
  clusterRole: () => undefined,
  role: () => undefined,
  newNameSuffix: () => 'abcde',
  authorizer: authorizeAuthenticated,
  ...known,
})

export const admissionRequest = (kind: unknown, extra: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  operation: 'create',
  kind: kind as Kind,
  name: 'x',
  identity: API_SERVER,
  ...extra,
})
