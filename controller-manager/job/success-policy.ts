import type { SuccessPolicy } from '../../shared/api/job/job.ts'
import { parseIndexes } from './index-set.ts'

/** Why the succeeded indexes are enough, in upstream's words; undefined: they are not. Pure. */
export function matchSuccessPolicy(
  policy: SuccessPolicy | undefined,
  completions: number,
  succeeded: ReadonlySet<number>,
): string | undefined {
  const position = (policy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeeded.size >= (succeededCount ?? completions)
    const wanted = parseIndexes(succeededIndexes, completions)
    const met = wanted.intersection(succeeded).size
    return met >= (succeededCount ?? wanted.size)
  })
  return position === -1 ? undefined : `Matched rules at index ${position}`
}
