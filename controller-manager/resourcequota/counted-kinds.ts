/** Which resources have to be looked at for the names that a quota bounds. Pure. */
import type { Resource } from '../../shared/client/resource.ts'
import * as resources from '../../shared/client/resources.ts'

const all: readonly Resource[] = Object.values(resources).filter(
  (value): value is Resource => typeof value === 'object' && 'namespaced' in value && value.namespaced,
)

const countName = ({ group, plural }: Resource) => `count/${group === '' ? plural : `${plural}.${group}`}`

/** Core kinds that are counted under their plural, and those of which parts are counted. */
function isAsked({ group, plural }: Resource, name: string): boolean {
  if (group !== '') return false
  if (plural === 'services') return name === 'services' || name.startsWith('services.')
  return name === plural
}

/** Amounts of CPU, memory and the like are those of pods. */
const isOfPods = (name: string) => /^((requests|limits)\.|cpu$|memory$|ephemeral-storage$|hugepages-|pods$)/.test(name)

export const resourcesFor = (names: readonly string[]): Resource[] =>
  all.filter((resource) =>
    names.some(
      (name) =>
        name === countName(resource) ||
        isAsked(resource, name) ||
        (isOfPods(name) && resource.group === '' && resource.plural === 'pods'),
    ),
  )
