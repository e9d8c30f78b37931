import { list, object, type Static, text } from '../schema.ts'
import { coreModel } from './core-model.ts'

export const HostAlias = object(
  coreModel('HostAlias'),
  'A line of the hosts file of the pod.',
  {
    ip: text('Address.'),
    hostnames: list(text('Host name.'), 'Names for the address.', { type: 'atomic' }),
  },
  { required: ['ip'] },
)

export const PodDNSConfigOption = object(coreModel('PodDNSConfigOption'), 'An option of the resolver.', {
  name: text('Name of the option.'),
  value: text('Value, where the option has one.'),
})

export const PodDNSConfig = object(
  coreModel('PodDNSConfig'),
  'Settings of the resolver, added to what `dnsPolicy` gives.',
  {
    nameservers: list(text('Address.'), 'Addresses of name servers.', { type: 'atomic' }),
    searches: list(text('Domain.'), 'Domains in which short names are looked up.', { type: 'atomic' }),
    options: list(PodDNSConfigOption, 'Options of the resolver.', { type: 'atomic' }),
  },
)
export type PodDNSConfig = Static<typeof PodDNSConfig>
