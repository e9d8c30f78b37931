import type { Kind } from '../kind.ts'
import { typeMeta } from '../meta.ts'
import { dns1035LabelName } from '../names.ts'
import { coreModel } from '../pod/core-model.ts'
import { field, object, type Static } from '../schema.ts'
import { serviceColumns } from './service-columns.ts'
import { keepAllocated, serviceDefaults, setAddressFamilies } from './service-defaults.ts'
import { ServiceSpec } from './service-spec.ts'
import { ServiceStatus } from './service-status.ts'
import { validateService, validateServiceUpdate } from './validate-service.ts'

const schema = object(
  coreModel('Service'),
  'One name and address for the pods of an application, whichever they are at the moment.',
  {
    ...typeMeta,
    spec: field(ServiceSpec, 'Which pods, and how they are reached.', { default: {} }),
    status: field(ServiceStatus, 'What was made for the service.', { default: {} }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type Service = Static<typeof schema>

export const service: Kind<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  schema,
  hasStatus: true,
  hasGeneration: false,
  createsOnUpdate: true,
  returnsDeleted: true,
  warningsOnCreate: () => ['services get no address, endpoints or traffic here yet: this one is only kept'],
  validateName: dns1035LabelName,
  defaults: ({ spec }) => serviceDefaults(spec),
  prepareForCreate: (service) => {
    service.status = { loadBalancer: {} }
    setAddressFamilies(service.spec)
  },
  prepareForUpdate: ({ spec }, { spec: old }) => {
    keepAllocated(spec, old)
    setAddressFamilies(spec)
  },
  validate: ({ spec }) => validateService(spec),
  validateUpdate: ({ spec }, { spec: old }) => validateServiceUpdate(spec, old),
  columns: serviceColumns,
  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type,
  },
}
