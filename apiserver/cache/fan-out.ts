/**
 * Which watches a change concerns. Watches are registered where changes find them by looking up, and those whose
 * selections are equal form one group: a change is matched once per group, and its watches get the same arrays.
 */
import type { Kind } from '../../shared/api/kind.ts'
import type { CacheEvent, CacheSelection } from './cache.ts'
import { type IndexReader, placeOf, placesOf, viewOf } from './selection.ts'
import type { Watcher } from './watcher.ts'

interface Group {
  place: string
  selection: CacheSelection
  watchers: Set<Watcher>
  /** Changes since the last flush. */
  pending: CacheEvent[]
}

export interface FanOut {
  /** Adds a watch; returns a function that takes it away. */
  add(selection: CacheSelection, watcher: Watcher): () => void
  /** Notes a change for every group that sees it. */
  offer(event: CacheEvent): void
  /** Hands the noted changes to the watchers. */
  flush(): void
  endAll(): void
}

export function createFanOut(kind: Pick<Kind, 'namespaced'>, indexes: ReadonlyMap<string, IndexReader>): FanOut {
  const places = new Map<string, Set<Group>>()
  const shared = new Map<string, Group>()
  const touched = new Set<Group>()

  const textOf = (place: string, { namespace, name, index, selector }: CacheSelection) =>
    JSON.stringify([place, namespace, name, index?.field, index?.value, selector])

  const openGroup = (selection: CacheSelection): Group => {
    const place = placeOf(selection, kind, indexes)
    const group: Group = { place, selection, watchers: new Set(), pending: [] }
    const groups = places.get(place)
    if (groups === undefined) places.set(place, new Set([group]))
    else groups.add(group)
    return group
  }

  const groupFor = (selection: CacheSelection): { group: Group; text?: string } => {
    // A predicate without a text is like no other.
    if (selection.matches !== undefined && selection.selector === undefined) return { group: openGroup(selection) }
    const text = textOf(placeOf(selection, kind, indexes), selection)
    const group = shared.get(text) ?? openGroup(selection)
    shared.set(text, group)
    return { group, text }
  }

  const closeGroup = (group: Group, text: string | undefined) => {
    const groups = places.get(group.place)!
    groups.delete(group)
    if (groups.size === 0) places.delete(group.place)
    if (text !== undefined) shared.delete(text)
  }

  return {
    add(selection, watcher) {
      const { group, text } = groupFor(selection)
      group.watchers.add(watcher)
      return () => {
        group.watchers.delete(watcher)
        if (group.watchers.size === 0) closeGroup(group, text)
      }
    },
    offer(event) {
      if (places.size === 0) return
      for (const place of placesOf(event, indexes)) {
        for (const group of places.get(place) ?? []) {
          const view = viewOf(group.selection, event)
          if (view === undefined) continue
          group.pending.push(view)
          touched.add(group)
        }
      }
    },
    flush() {
      for (const group of touched) {
        const batch = group.pending
        group.pending = []
        for (const watcher of group.watchers) watcher.push(batch)
      }
      touched.clear()
    },
    endAll() {
      for (const groups of places.values())
        for (const group of groups) for (const watcher of group.watchers) watcher.end()
    },
  }
}
