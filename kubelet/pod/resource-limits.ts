/** What a container may use, by its spec. Pure. */
import type { Container } from '../../shared/api/pod/pod.ts'
import { parseQuantity } from '../../shared/quantity.ts'
import type { ResourceLimits } from '../runtime/runtime.ts'

const amount = (text: string | undefined) => (text === undefined ? undefined : parseQuantity(text))
const millis = (text: string | undefined) => {
  const cpus = amount(text)
  return cpus === undefined ? undefined : Math.ceil(cpus * 1000)
}

/** The limits as the runtime takes them; those of 0 are none. */
export function resourceLimitsOf({ resources = {} }: Container): ResourceLimits {
  const { requests = {}, limits = {} } = resources
  const cpuRequestMillis = millis(requests.cpu)
  const cpuLimitMillis = millis(limits.cpu)
  const memoryLimitBytes = amount(limits.memory)
  return {
    ...(cpuRequestMillis ? { cpuRequestMillis } : {}),
    ...(cpuLimitMillis ? { cpuLimitMillis } : {}),
    ...(memoryLimitBytes ? { memoryLimitBytes } : {}),
  }
}
