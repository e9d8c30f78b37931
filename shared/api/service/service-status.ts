import { Condition } from '../meta.ts'
import { coreModel } from '../pod/core-model.ts'
import { choice, field, int32, list, object, text } from '../schema.ts'

const PortStatus = object(
  coreModel('PortStatus'),
  'How one port of a load balancer is.',
  {
    port: int32('Number of the port.'),
    protocol: text('Protocol of the port.'),
    error: text('What is wrong with the port, in one word.'),
  },
  { required: ['port', 'protocol'] },
)

const LoadBalancerIngress = object(coreModel('LoadBalancerIngress'), 'One way into a load balancer.', {
  ip: text('Address of the load balancer, where it has one.'),
  hostname: text('Name of the load balancer, where it has one.'),
  ipMode: choice(
    'Whether traffic arrives with the load balancer’s address (VIP) or the node’s (Proxy).',
    ['VIP', 'Proxy'],
    {
      default: ({ ip }) => (ip === undefined || ip === '' ? undefined : 'VIP'),
    },
  ),
  ports: list(PortStatus, 'How its ports are.', { type: 'atomic' }),
})

const LoadBalancerStatus = object(coreModel('LoadBalancerStatus'), 'How a load balancer is reached.', {
  ingress: list(LoadBalancerIngress, 'The ways in.', { type: 'atomic' }),
})

export const ServiceStatus = object(
  coreModel('ServiceStatus'),
  'What was made for a service.',
  {
    loadBalancer: field(LoadBalancerStatus, 'The load balancer, if there is one.', { default: {} }),
    conditions: list(Condition, 'What is to be known of the service.', {
      type: 'map',
      keys: ['type'],
      patch: 'merge',
      mergeKey: 'type',
    }),
  },
  { required: ['loadBalancer'] },
)
