import t from 'tap'
import type { PodSpec } from '../../../shared/api/pod/pod-spec.ts'
import { podLoad, podRequests } from '../../../shared/scheduling/pod-requests.ts'

const container = (cpu: string | undefined, restartPolicy?: string) => ({
  name: 'c',
  ...(cpu !== undefined && { resources: { requests: { cpu } } }),
  ...(restartPolicy !== undefined && { restartPolicy }),
})
const sidecar = (cpu: string) => container(cpu, 'Always')

t.test('what a pod asks of a node, in millicores', async (t) => {
  const rows: [
    title: string,
    containers: object[],
    initContainers: object[],
    overhead: string | undefined,
    cpu: number,
  ][] = [
    ['containers run side by side', [container('1'), container('500m')], [], undefined, 1500],
    ['init containers run one by one', [container('1')], [container('2'), container('3')], undefined, 3000],
    ['less than the containers', [container('4')], [container('2')], undefined, 4000],
    ['sidecars run beside the containers', [container('1')], [sidecar('500m')], undefined, 1500],
    ['an init container beside an earlier sidecar', [container('1')], [sidecar('1'), container('2')], undefined, 3000],
    ['an init container before a sidecar', [container('1')], [container('2'), sidecar('1')], undefined, 2000],
    ['two sidecars', [container('1')], [sidecar('1'), sidecar('2')], undefined, 4000],
    ['overhead comes on top', [container('1')], [container('2')], '250m', 2250],
    ['the smallest amount counts', [container('0.1m')], [], undefined, 1],
  ]
  for (const [title, containers, initContainers, overhead, cpu] of rows) {
    const spec = { containers, initContainers, ...(overhead !== undefined && { overhead: { cpu: overhead } }) }
    t.equal(podRequests(spec as unknown as PodSpec).get('cpu'), cpu, title)
  }
})

t.test('what a pod counts for where it asks for nothing', async (t) => {
  const spec = { containers: [container(undefined), container('0')] } as unknown as PodSpec
  t.strictSame(
    podLoad(spec),
    new Map([
      ['cpu', 100],
      ['memory', 2 * 200 * 1024 * 1024],
    ]),
  )
  t.strictSame(podRequests(spec), new Map([['cpu', 0]]))
})
