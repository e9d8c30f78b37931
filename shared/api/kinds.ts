import { configMap } from './config-map.ts'
import type { Kind } from './kind.ts'

/** Every built-in kind that the API server serves: the list is the feature. */
export const builtInKinds: readonly Kind[] = [configMap]
