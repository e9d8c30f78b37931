/** What no request body may exceed, however small it is otherwise. */

/** Nesting of objects and lists. No API type nests a tenth as deep; deeper ones are refused, as upstream refuses 10,000. */
export const MAX_DEPTH = 1000

/** Unknown and duplicate fields that are reported of one body; the rest are left out, as upstream leaves them out. */
export const MAX_FIELD_ERRORS = 100

/**
 * Characters of a YAML body. YAML is read at a megabyte a second, a hundred times slower than JSON, and nothing else is done
 * meanwhile. kubectl makes JSON of manifests before it sends them, so this concerns only those who send YAML themselves.
 */
export const MAX_YAML_CHARACTERS = 32 * 1024

/** Characters that the aliases of a YAML document may expand it to. */
export const MAX_YAML_EXPANDED = 1024 * 1024
