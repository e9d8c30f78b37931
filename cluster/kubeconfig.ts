/** Kubeconfigs for the components and the administrator. */
import type { KeyPair } from '../shared/certificates/authority.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Where the API server is reached, and the name in its certificate where that is not the host of the URL. */
export interface ServerAddress {
  url: string
  tlsServerName?: string
}

/** A kubeconfig as JSON, which is YAML too: clients read it, and our own components need no YAML parser for it. */
export const kubeconfigText = ({ url: server, tlsServerName }: ServerAddress, authority: string, user: object) =>
  `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'kubeproc',
          cluster: {
            server,
            ...(tlsServerName !== undefined && { 'tls-server-name': tlsServerName }),
            'certificate-authority-data': base64(authority),
          },
        },
      ],
      users: [{ name: 'kubeproc', user }],
      contexts: [{ name: 'kubeproc', context: { cluster: 'kubeproc', user: 'kubeproc' } }],
      'current-context': 'kubeproc',
    },
    null,
    2,
  )}\n`

/** A user that is known by a client certificate. */
export const certificateUser = ({ certificate, key }: KeyPair) => ({
  'client-certificate-data': base64(certificate),
  'client-key-data': base64(key),
})
