/** Who may use the kubelet's server: the API server alone, by its client certificate. */

/** Subject of a client certificate that the cluster's authority has signed, as `tls` gives it; undefined for any other. */
export interface Subject {
  CN?: string | string[]
}

export interface Refusal {
  status: 401 | 403
  message: string
}

const API_SERVER = 'kube-apiserver-kubelet-client'

const valuesOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat())

/** Why a request is refused, or undefined where it is allowed. `action` ends upstream's message: `verb=get, resource=nodes, …`. */
export function refusalOf(subject: Subject | undefined, action: string): Refusal | undefined {
  if (subject === undefined) return { status: 401, message: 'Unauthorized' }
  const names = valuesOf(subject.CN)
  if (names.length === 1 && names[0] === API_SERVER) return undefined
  return { status: 403, message: `Forbidden (user=${names[0] ?? ''}, ${action})` }
}
