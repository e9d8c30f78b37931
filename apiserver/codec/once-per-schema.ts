import type { TSchema } from '../../shared/api/schema.ts'

/**
 * Makes something of a schema once, and remembers it for as long as the schema lives. `make` must be pure: schemas
 * never change, so neither does what is made of them.
 */
export function oncePerSchema<Made>(make: (schema: TSchema) => Made): (schema: TSchema) => Made {
  const remembered = new WeakMap<TSchema, { made: Made }>()
  return (schema) => {
    const known = remembered.get(schema)
    if (known !== undefined) return known.made
    const made = make(schema)
    remembered.set(schema, { made })
    return made
  }
}
