import pino from 'pino'
import t from 'tap'
import { startNodeIpamController } from '../../../controller-manager/nodeipam/controller.ts'
import { assignedPodCidr } from '../../../kubelet/node/pod-cidr.ts'
import { nodes } from '../../../shared/client/resources.ts'
import { systemClock } from '../../../shared/clock.ts'
import { startManager } from '../../controller-manager/running-controllers.ts'
import { startTestApiServer } from '../../support/api-server.ts'
import { testDirectory } from '../../support/directory.ts'

t.test('a node registers and is given its range, and keeps it', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const deps = { client: server.client, clock: systemClock, logger: pino({ enabled: false }) }
  const { signal } = new AbortController()
  const asked = assignedPodCidr(deps, 'node-1', signal)
  const options = { 'allocate-node-cidrs': true, 'cluster-cidr': '10.9.0.0/16' }
  const manager = startManager(server, [startNodeIpamController], { options })
  t.teardown(() => manager.close())
  t.equal(await asked, '10.9.0.0/24')
  t.equal(await assignedPodCidr(deps, 'node-1', signal), '10.9.0.0/24')
  t.equal((await server.client.get(nodes, { name: 'node-1' })).spec.podCIDR, '10.9.0.0/24')
})

t.test('the wait can be given up', async (t) => {
  const server = await startTestApiServer(testDirectory(t))
  t.teardown(() => server.close())
  const deps = { client: server.client, clock: systemClock, logger: pino({ enabled: false }) }
  const waiting = new AbortController()
  const asked = assignedPodCidr(deps, 'node-1', waiting.signal)
  waiting.abort(new Error('enough'))
  await t.rejects(asked, { message: 'enough' })
})
