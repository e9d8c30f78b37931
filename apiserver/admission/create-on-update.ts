import { forbidden } from '../../shared/errors.ts'
import { refusalText } from '../auth/authorize.ts'
import type { AdmissionPlugin } from './admission.ts'

/** An update that makes an object where there is none takes the right to create it, beside that to update. */
export const createOnUpdate: AdmissionPlugin = {
  name: 'CreateOnUpdate',
  admit({ isUpdate, identity, kind: { group, plural }, namespace, name }, { authorizer }) {
    if (isUpdate !== true) return
    const resource = { group, plural, name, ...(namespace !== undefined && { namespace }) }
    const attributes = { identity, verb: 'create', path: '', resource }
    const { allowed, reason } = authorizer.authorize(attributes)
    if (!allowed) throw forbidden({ group, resource: plural, name }, refusalText(attributes, reason))
  },
}
