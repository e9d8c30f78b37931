import t from 'tap'
import type { Draft } from '../../shared/api/kind.ts'
import type { Node } from '../../shared/api/node/node-model.ts'
import type { Pod } from '../../shared/api/pod/pod-model.ts'
import { nodes, pods } from '../../shared/client/resources.ts'
import { startTestApiServer } from '../support/api-server.ts'
import { kubeproc } from '../support/cluster.ts'
import { testDirectory } from '../support/directory.ts'

t.test('kubeproc why', async (t) => {
  const directory = testDirectory(t)
  const server = await startTestApiServer(directory)
  t.teardown(() => server.close())
  const { client } = server
  const why = (...args: string[]) => kubeproc(['why', ...args, `--data-dir=${directory}`])
  for (const name of ['node-1', 'node-2']) {
    await client.create(nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name },
      spec: {},
      status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
    } as unknown as Draft<Node>)
    await client.patch(nodes, { name }, { type: 'merge', body: { spec: { taints: null } } })
  }
  await client.patch(nodes, { name: 'node-1' }, { type: 'merge', body: { spec: { unschedulable: true } } })
  const addPod = (name: string, spec: Partial<Pod['spec']> = {}) =>
    client.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'x' }], ...spec },
    } as unknown as Draft<Pod>)
  await Promise.all([
    addPod('fits'),
    addPod('nowhere', { nodeSelector: { gpu: 'true' } }),
    addPod('gated', { schedulingGates: [{ name: 'example.com/wait' }] }),
    addPod('foreign', { schedulerName: 'mine' }),
    addPod('placed', { nodeName: 'node-1' }),
  ])
  const rows: [name: string, begin: RegExp][] = [
    ['pod/fits', /^pod default\/fits is about to be placed: node-2 is the best node for it, with \d+ points\.\n/],
    ['nowhere', /^pod default\/nowhere fits nowhere: 0\/2 nodes are available: 1 node\(s\) didn't match/],
    [
      'gated',
      /^pod default\/gated is held back by its scheduling gates \(example\.com\/wait\)\. Were it not: node-2 is/,
    ],
    ['foreign', /^pod default\/foreign waits for another scheduler, mine\. /],
    ['po/placed', /^pod default\/placed is on node-1\. Were it to be placed now: node-2 is the best node/],
  ]
  const told = await Promise.all(rows.map(([name]) => why(name)))
  for (const [index, [, begin]] of rows.entries()) {
    const { code, stdout, stderr } = told[index]!
    t.equal(code, 0, stderr)
    t.match(stdout, begin)
    t.match(stdout, /^NODE +POSSIBLE +NodeUnschedulable +TaintToleration/m)
    t.match(stdout, /^node-1 +no +node\(s\) were unschedulable/m)
  }
  t.match((await why('fits')).stdout, /^NODE +POINTS +TaintToleration x3 .*\nnode-2 +\d+ +300 /m)
  const { stdout } = await why('fits', '-o', 'json')
  t.match(JSON.parse(stdout), {
    pod: { name: 'fits', namespace: 'default' },
    nodeName: 'node-2',
    nodes: [
      { name: 'node-1', isPossible: false },
      { name: 'node-2', total: Number },
    ],
  })
  t.match(await why('none'), { code: 1, stderr: 'kubeproc: pods "none" not found\n' })
  t.match(await why('a/b/c'), { code: 2, stderr: /^kubeproc: usage: kubeproc why / })
})

t.test('where there is no cluster it says so', async (t) => {
  const directory = testDirectory(t)
  t.match(await kubeproc(['why', 'x', `--data-dir=${directory}`]), { code: 1, stderr: /there is no cluster in/ })
})
