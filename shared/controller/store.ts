import type { KubeObject } from '../api/kind.ts'

/** The key of an object in a store and in work queues: `namespace/name`, or `name` where cluster-scoped. */
export const keyOf = ({ metadata: { namespace, name } }: { metadata: { namespace?: string; name: string } }): string =>
  namespace === undefined || namespace === '' ? name : `${namespace}/${name}`

/** The parts of a key. */
export function partsOf(key: string): { namespace?: string; name: string } {
  const slash = key.indexOf('/')
  return slash === -1 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** The values under which an index finds an object; none: it is not in the index. */
export type IndexFunction<Object extends KubeObject> = { values(object: Object): readonly string[] }['values']
export type Indexes<Object extends KubeObject> = Readonly<Record<string, IndexFunction<Object>>>

/** What an informer knows of its resource. Objects are shared: never changed in place. */
export interface Store<Object extends KubeObject> {
  /** By `namespace/name`, or `name`. */
  get(key: string): Object | undefined
  /** All objects, in no order. */
  list(): Object[]
  /** The objects that the named index has under `value`. Throws for an index that was not added. */
  by(index: string, value: string): Object[]
  readonly size: number
}

export interface MutableStore<Object extends KubeObject> extends Store<Object> {
  /** Adds or replaces an object. */
  put(object: Object): void
  delete(key: string): void
  /** Adds indexes, also over what is already held; an index of a known name stays as it is. */
  addIndexes(indexes: Indexes<Object>): void
}

class Index<Object extends KubeObject> {
  readonly #values: IndexFunction<Object>
  readonly #entries = new Map<string, Map<string, Object>>()

  constructor(values: IndexFunction<Object>) {
    this.#values = values
  }

  add(key: string, object: Object): void {
    for (const value of this.#values(object)) {
      const entry = this.#entries.get(value)
      if (entry === undefined) this.#entries.set(value, new Map([[key, object]]))
      else entry.set(key, object)
    }
  }

  remove(key: string, object: Object): void {
    for (const value of this.#values(object)) {
      const entry = this.#entries.get(value)
      entry?.delete(key)
      if (entry?.size === 0) this.#entries.delete(value)
    }
  }

  get(value: string): Object[] {
    const entry = this.#entries.get(value)
    return entry === undefined ? [] : [...entry.values()]
  }
}

export function createStore<Object extends KubeObject>(): MutableStore<Object> {
  const objects = new Map<string, Object>()
  const indexes = new Map<string, Index<Object>>()
  const remove = (key: string, object: Object) => {
    for (const index of indexes.values()) index.remove(key, object)
  }
  return {
    get: (key) => objects.get(key),
    list: () => [...objects.values()],
    by(name, value) {
      const index = indexes.get(name)
      if (index === undefined) throw new Error(`the store has no index ${name}`)
      return index.get(value)
    },
    get size() {
      return objects.size
    },
    put(object) {
      const key = keyOf(object)
      const old = objects.get(key)
      if (old !== undefined) remove(key, old)
      objects.set(key, object)
      for (const index of indexes.values()) index.add(key, object)
    },
    delete(key) {
      const old = objects.get(key)
      if (old === undefined) return
      remove(key, old)
      objects.delete(key)
    },
    addIndexes(added) {
      for (const [name, values] of Object.entries(added)) {
        if (indexes.has(name)) continue
        const index = new Index(values)
        for (const [key, object] of objects) index.add(key, object)
        indexes.set(name, index)
      }
    },
  }
}
