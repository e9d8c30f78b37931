import t from 'tap'
import {
  approvalRights,
  refusalOf,
  servesOnlyItself,
  signers,
} from '../../../controller-manager/certificates/signers.ts'
import type { ReadRequest } from '../../../shared/certificates/signing-request.ts'

const CLIENT = 'kubernetes.io/kube-apiserver-client-kubelet'
const SERVING = 'kubernetes.io/kubelet-serving'
const ANY_CLIENT = 'kubernetes.io/kube-apiserver-client'

const asks = ({ dnsNames = [], addresses = [], ...rest }: Partial<ReadRequest> = {}): ReadRequest => ({
  commonName: 'system:node:node-1',
  organizations: ['system:nodes'],
  dnsNames,
  addresses,
  hosts: [...dnsNames, ...addresses],
  hasOtherNames: false,
  publicKey: new ArrayBuffer(0),
  ...rest,
})
const named = { dnsNames: ['node-1'], addresses: ['10.0.0.1'] }

const cases: [title: string, signer: string, asked: ReadRequest, usages: string[], refusal: RegExp | undefined][] = [
  ['a kubelet’s client', CLIENT, asks(), ['digital signature', 'client auth'], undefined],
  ['with an RSA key', CLIENT, asks(), ['digital signature', 'key encipherment', 'client auth'], undefined],
  [
    'of another group too',
    CLIENT,
    asks({ organizations: ['system:nodes', 'system:masters'] }),
    ['client auth'],
    /a node/,
  ],
  ['that is no node', CLIENT, asks({ commonName: 'admin' }), ['client auth'], /a node/],
  ['of a node without a name', CLIENT, asks({ commonName: 'system:node:' }), ['client auth'], /a node/],
  ['with a host name', CLIENT, asks(named), ['client auth'], /no subject alternative names/],
  ['as a server', CLIENT, asks(), ['server auth'], /must include "client auth"/],
  ['as both', CLIENT, asks(), ['client auth', 'server auth'], /"server auth" is not for this signer/],
  ['to sign others', CLIENT, asks(), ['client auth', 'cert sign'], /"cert sign" is not for this signer/],
  ['a kubelet’s server', SERVING, asks(named), ['digital signature', 'server auth'], undefined],
  [
    'of another node',
    SERVING,
    asks({ ...named, commonName: 'system:node:node-2' }),
    ['server auth'],
    /own certificate only/,
  ],
  ['without a name', SERVING, asks(), ['server auth'], /needs a host name/],
  ['with an e-mail address', SERVING, asks({ ...named, hasOtherNames: true }), ['server auth'], /addresses only/],
  ['any client', ANY_CLIENT, asks({ commonName: 'jane', organizations: ['dev'] }), ['client auth'], undefined],
  ['an administrator', ANY_CLIENT, asks({ organizations: ['system:masters'] }), ['client auth'], /system:masters/],
]

t.test('what is signed', async (t) => {
  for (const [title, signer, asked, usages, refusal] of cases) {
    const spec = { request: '', signerName: signer, usages, username: 'system:node:node-1' }
    const found = refusalOf(signers[signer]!, spec, asked)
    if (refusal === undefined) t.equal(found, undefined, title)
    else t.match(found, refusal, title)
  }
})

t.test('the right that is needed', async (t) => {
  const spec = (username: string) => ({ request: '', signerName: CLIENT, username })
  t.same(approvalRights(spec('system:node:node-1'), asks()), ['selfnodeclient', 'nodeclient'])
  t.same(approvalRights(spec('system:bootstrap:a'), asks()), ['nodeclient'])
})

t.test('a node serves in its own name', async (t) => {
  const others = new Set(['10.0.0.2', 'node-2'])
  t.ok(servesOnlyItself(asks(named), others))
  t.notOk(servesOnlyItself(asks({ dnsNames: ['node-2'] }), others), 'another’s name')
  t.notOk(servesOnlyItself(asks({ addresses: ['10.0.0.1', '10.0.0.2'] }), others), 'another’s address')
  t.notOk(servesOnlyItself(asks({ addresses: ['127.0.0.1'] }), others), 'the API server’s address')
  t.notOk(
    servesOnlyItself(asks({ commonName: 'system:node:localhost', dnsNames: ['localhost'] }), others),
    'or its name',
  )
})
