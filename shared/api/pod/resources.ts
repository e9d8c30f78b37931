import { list, map, object, quantity, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'

/** Amounts by name of the resource: `cpu`, `memory`, `ephemeral-storage`, `hugepages-2Mi`, `example.com/gpu` … */
export const resourceList = (description: string) => map(quantity('Amount of the resource.'), description)
export type ResourceList = Record<string, string>

export const ResourceClaim = object(
  coreModel('ResourceClaim'),
  'Lets a container use a resource claim of its pod.',
  {
    name: text('Name of an entry of `spec.resourceClaims`.'),
    request: text('Name of one request of the claim. Default: everything that the claim holds.'),
  },
  { required: ['name'] },
)

export const ResourceRequirements = object(
  coreModel('ResourceRequirements'),
  'What a container, or a pod as a whole, needs and may use.',
  {
    requests: resourceList('Amounts that the scheduler sets aside on a node. Default: the limits.'),
    limits: resourceList('Amounts that may not be exceeded.'),
    claims: list(ResourceClaim, 'Resource claims of the pod that the container uses. Cannot be changed.', {
      type: 'map',
      keys: ['name'],
    }),
  },
)
export type ResourceRequirements = Static<typeof ResourceRequirements>

export const ContainerResizePolicy = object(
  coreModel('ContainerResizePolicy'),
  'What a change of one resource means for a running container.',
  {
    resourceName: text('`cpu` or `memory`.'),
    restartPolicy: text('NotRequired: changed in place; RestartContainer: the container is restarted.'),
  },
  { required: ['resourceName', 'restartPolicy'] },
)

export const PodResourceClaim = object(
  coreModel('PodResourceClaim'),
  'A ResourceClaim that the pod uses: one by name, or one made for it from a template.',
  {
    name: text('Name by which the containers of the pod refer to the claim.'),
    resourceClaimName: text('Name of a ResourceClaim in the namespace of the pod.'),
    resourceClaimTemplateName: text('Name of a ResourceClaimTemplate from which a claim is made for this pod.'),
  },
  { required: ['name'] },
)
export type PodResourceClaim = Static<typeof PodResourceClaim>
