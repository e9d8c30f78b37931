/**
 * The service `kubernetes`, by which programs find the API, with the address of this server as its only endpoint. Made
 * when the server starts: it may listen elsewhere than the last time. Nothing balances between services and endpoints
 * here, so the service's own address and port are the server's: what pods are told in their environment
 * (`KUBERNETES_SERVICE_HOST`) leads there, where they share a network with it.
 */
import type { KubeObject } from '../../shared/api/kind.ts'
import { isApiError } from '../../shared/errors.ts'
import { API_SERVER } from '../auth/identity.ts'
import { decodeValue } from '../codec/decode.ts'
import { wholeOf } from '../managed-fields/tracked-part.ts'
import { createObject } from './create.ts'
import { type Part, validated } from './prepare-update.ts'
import { replaceObject } from './replace.ts'
import { type Resource, readNow } from './resource.ts'

const NAME = 'kubernetes'
const NAMESPACE = 'default'
const MANAGER = 'kube-apiserver'

/** A client could not change the address of a service; the server that the service stands for can. */
const ANY_CHANGE: Part = { tracks: wholeOf, prepare: validated }

export interface ServingAddress {
  /** An IP address. */
  address: string
  port: number
}

interface Deps {
  services: Resource
  endpoints: Resource
  endpointSlices: Resource
}

const target = { name: NAME, namespace: NAMESPACE }

/** Makes the object, or brings the one that there is up to date. */
async function publish(resource: Resource, fields: object): Promise<void> {
  const make = () => decodeValue({ metadata: target, ...fields }, resource.kind, { fieldValidation: 'Strict' }).object
  const write = { identity: API_SERVER, manager: MANAGER, dryRun: false }
  if ((await readNow(resource, target)) === undefined) {
    try {
      await createObject(resource, make() as KubeObject, { ...write, namespace: NAMESPACE })
      return
    } catch (error) {
      // Another API server on the same store has made it meanwhile.
      if (!isApiError(error, 'AlreadyExists')) throw error
    }
  }
  await replaceObject(resource, target, {
    ...write,
    part: ANY_CHANGE,
    make({ object }) {
      const wanted = make() as KubeObject
      const { labels } = wanted.metadata
      return { ...wanted, metadata: { ...structuredClone(object.metadata), ...(labels !== undefined && { labels }) } }
    },
  })
}

export async function publishKubernetesService(
  { services, endpoints, endpointSlices }: Deps,
  { address, port }: ServingAddress,
): Promise<void> {
  const https = { name: 'https', protocol: 'TCP' }
  const addressType = address.includes(':') ? 'IPv6' : 'IPv4'
  await Promise.all([
    publish(services, {
      metadata: { ...target, labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: { type: 'ClusterIP', clusterIP: address, ports: [{ ...https, port, targetPort: port }] },
    }),
    publish(endpoints, {
      metadata: { ...target, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: [{ addresses: [{ ip: address }], ports: [{ ...https, port }] }],
    }),
    publish(endpointSlices, {
      metadata: { ...target, labels: { 'kubernetes.io/service-name': NAME } },
      addressType,
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: [{ ...https, port }],
    }),
  ])
}
