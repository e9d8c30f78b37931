import type { Pod } from '../../shared/api/pod/pod.ts'
import { type AdmissionPlugin, writes } from './admission.ts'

const DEFAULT_ACCOUNT = 'default'

/**
 * Pods run as a service account: `default` where they name none. The projected `kube-api-access-…` volume is left out
 * while the server issues no tokens, and so is the check that the account exists, since pods of a new namespace would
 * wait for ever where no controller makes its `default` account.
 */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  admit(request) {
    if (request.operation !== 'create' || !writes(request, { group: '', kind: 'Pod' })) return
    const { spec } = request.object as Pod
    const name = spec.serviceAccountName || spec.serviceAccount || DEFAULT_ACCOUNT
    spec.serviceAccountName = name
    // The old name of the field, still filled in for clients that read it.
    spec.serviceAccount = name
  },
}
