import type { Pod } from '../shared/api/pod/pod.ts'
import { nodes, pods } from '../shared/client/resources.ts'
import { startControlPlane } from './control-plane.ts'
import { following, secondsUntilCount } from './following.ts'
import type { Benchmark, Series } from './sample.ts'

const NODES = 5_000
const PODS = 10_000
/** Creates of pods under way at once. */
const CREATES = 16
const NAMESPACE = 'default'

const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    containers: [{ name: 'main', image: 'hollow', resources: { requests: { cpu: '10m', memory: '10Mi' } } }],
  } as unknown as Pod['spec'],
  status: {},
})

const isReady = ({ status }: { status: { conditions?: { type: string; status: string }[] } }) =>
  status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true

export const hollow: Benchmark = {
  name: 'hollow',
  description: `${NODES} hollow nodes register and become Ready; ${PODS} pods are created, scheduled and Running.`,
  async run(): Promise<Series[]> {
    const plane = await startControlPlane({ nodes: 0, maxPods: 110, podRunMs: 0 })
    const { client } = plane
    try {
      const registered = await following(client, nodes, async (informer) => {
        const done = secondsUntilCount(informer, NODES, isReady)
        await plane.startHollowNodes(NODES)
        return done
      })
      const running = await following(client, pods, async (informer) => {
        const done = secondsUntilCount(informer, PODS, ({ status }) => status.phase === 'Running')
        const names = Array.from({ length: PODS }, (_, index) => `pod-${index}`).values()
        const work = async () => {
          for (const name of names) await client.create(pods, pod(name))
        }
        await Promise.all(Array.from({ length: CREATES }, work))
        return done
      })
      return [
        { name: `${NODES} hollow nodes Ready`, unit: 's', samples: [registered], wanted: '< 30' },
        { name: `${PODS} pods Running on them`, unit: 's', samples: [running], wanted: '< 30' },
      ]
    } finally {
      await plane.stop()
    }
  },
}
