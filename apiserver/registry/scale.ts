import type { KubeObject } from '../../shared/api/kind.ts'
import { type Scale, scale as scaleKind } from '../../shared/api/scale.ts'
import { badRequest, conflict, invalid, notFound } from '../../shared/errors.ts'
import type { CachedObject } from '../cache/cache.ts'
import { getObject } from './get.ts'
import { SCALE } from './prepare-update.ts'
import { replaceObject } from './replace.ts'
import { kindSubject, type Resource, subjectOf, type Target, type WriteOptions } from './resource.ts'
import { checkName } from './update.ts'

/** What errors call the subresource. */
export const scaleSubject = (resource: Resource, name: string) => ({
  ...subjectOf(resource, name, 'scale'),
  group: scaleKind.group,
})

/** An object as its `scale` subresource shows it. */
export function scaleOf({ kind }: Resource, { object }: CachedObject): Scale {
  const access = kind.scale!
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = access.replicas(object)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace !== undefined && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { ...(replicas !== 0 && { replicas }) },
    status: { replicas: access.statusReplicas(object), selector: access.selector(object) },
  }
}

/** Reads the scale of an object. Throws NotFound. */
export async function getScale(resource: Resource, target: Target): Promise<Scale> {
  const found = await getObject(resource, target).catch((error) => {
    throw error.reason === 'NotFound' ? notFound(scaleSubject(resource, target.name)) : error
  })
  return scaleOf(resource, found)
}

function checkScale(resource: Resource, wanted: Scale, current: Scale): void {
  const { name } = current.metadata
  checkName(wanted, name)
  const namespace = wanted.metadata.namespace ?? current.metadata.namespace
  if (namespace !== current.metadata.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (wanted.metadata.uid && wanted.metadata.uid !== current.metadata.uid)
    throw conflict(
      subjectOf(resource, name),
      `Precondition failed: UID in precondition: ${wanted.metadata.uid}, UID in object meta: ${current.metadata.uid}`,
    )
  const errors = scaleKind.validate(wanted)
  if (errors.length > 0) throw invalid(kindSubject(scaleKind, name), errors)
}

/** Sets an object's size, and nothing else of it. `make` gives the wanted scale from the current one. */
export async function setScale(
  resource: Resource,
  target: Target,
  { make, ...options }: WriteOptions & { make(current: Scale): Scale },
): Promise<Scale> {
  const written = await replaceObject(resource, target, {
    ...options,
    part: SCALE,
    notFound: scaleSubject(resource, target.name),
    make(current) {
      const old = scaleOf(resource, current)
      const wanted = make(old)
      checkScale(resource, wanted, old)
      const next: KubeObject = resource.kind.scale!.withReplicas(
        structuredClone(current.object),
        wanted.spec.replicas ?? 0,
      )
      next.metadata.resourceVersion = wanted.metadata.resourceVersion
      return next
    },
  })
  return scaleOf(resource, written)
}
