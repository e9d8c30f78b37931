/** One step into an object: how it is written in a field set, and how messages print it. */

export const fieldStep = (name: string): string => `f:${name}`

/** The step to an element of a set. */
export const valueStep = (value: unknown): string => `v:${JSON.stringify(value)}`

function printStep(step: string): string {
  const rest = step.slice(2)
  if (step.startsWith('f:')) return `.${rest}`
  if (step.startsWith('i:')) return `[${rest}]`
  if (step.startsWith('v:')) return `[=${JSON.stringify(JSON.parse(rest))}]`
  const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>)
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
}

/** A path as conflicts name it: `.spec.containers[name="web"].image`. */
export const printPath = (path: readonly string[]): string => path.map(printStep).join('')
