import { at, type FieldError, forbidden, invalid, notSupported, required } from '../field-errors.ts'
import { ageColumn, humanDuration, nameColumn } from './columns.ts'
import type { Kind } from './kind.ts'
import { typeMeta } from './meta.ts'
import { validateQualifiedName } from './names.ts'
import { bytes, choice, field, int32, list, map, object, type Static, text, time } from './schema.ts'

export const CERTIFICATES_GROUP = 'certificates.k8s.io'

const model = (name: string): string => `io.k8s.api.certificates.v1.${name}`

const USAGES = [
  ...['signing', 'digital signature', 'content commitment', 'key encipherment', 'key agreement', 'data encipherment'],
  ...['cert sign', 'crl sign', 'encipher only', 'decipher only', 'any', 'server auth', 'client auth', 'code signing'],
  ...['email protection', 's/mime', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'timestamping', 'ocsp signing'],
  ...['microsoft sgc', 'netscape sgc'],
]
const CONDITION_STATUSES = ['True', 'False', 'Unknown'] as const
/** Shorter lives are refused, as upstream does. */
const EXPIRATION_SECONDS_MIN = 600
/** Signed by nobody any more: the older API versions' default. */
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown'

const CertificateSigningRequestSpec = object(
  model('CertificateSigningRequestSpec'),
  'What is to be signed, by whom, and who asks. Cannot be changed.',
  {
    request: bytes('PKCS #10 request in PEM (`CERTIFICATE REQUEST`).'),
    signerName: text('Who is to sign it, e.g. `kubernetes.io/kubelet-serving`.'),
    expirationSeconds: int32('How long the certificate is to be valid; the signer may decide for less. At least 600.'),
    usages: list(text('A key usage.'), 'What the key is to be used for.', { type: 'atomic' }),
    username: text('Who asks; set by the server.'),
    uid: text('Identifier of who asks; set by the server.'),
    groups: list(text('A group.'), 'Groups of who asks; set by the server.', { type: 'atomic' }),
    extra: map(list(text('A value.'), 'Values.'), 'What else is known of who asks; set by the server.'),
  },
  { required: ['request', 'signerName'] },
)

const CertificateSigningRequestCondition = object(
  model('CertificateSigningRequestCondition'),
  'A decision about a request.',
  {
    type: text('Approved, Denied or Failed, or anything of the signer’s.'),
    status: choice('Whether it holds; True for the three.', CONDITION_STATUSES),
    reason: text('One word, for programs.'),
    message: text('A sentence, for people.'),
    lastUpdateTime: time('When it was last written.'),
    lastTransitionTime: time('When its status last changed.'),
  },
  { required: ['type', 'status'] },
)
export type CertificateSigningRequestCondition = Static<typeof CertificateSigningRequestCondition>

const CertificateSigningRequestStatus = object(
  model('CertificateSigningRequestStatus'),
  'What was decided, and the certificate.',
  {
    conditions: list(CertificateSigningRequestCondition, 'Decisions about the request.', {
      type: 'map',
      keys: ['type'],
    }),
    certificate: bytes('The certificate in PEM, once it is signed. Cannot be changed.'),
  },
)

const schema = object(
  model('CertificateSigningRequest'),
  'Asks for a certificate: somebody approves or denies it, and a signer signs what was approved.',
  {
    ...typeMeta,
    spec: field(CertificateSigningRequestSpec, 'What is to be signed, by whom, and who asks.', { default: {} }),
    status: field(CertificateSigningRequestStatus, 'What was decided, and the certificate.', { default: {} }),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec', 'status'] },
)
export type CertificateSigningRequest = Static<typeof schema>

const PEM = /^-----BEGIN CERTIFICATE REQUEST-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE REQUEST-----\s*$/

/** A signer's name is `domain/path`. */
function validateSignerName(name: string): FieldError[] {
  const path = 'spec.signerName'
  if (name === '') return [required(path)]
  if (name === LEGACY_SIGNER) return [invalid(path, name, 'the legacy signerName is not allowed via this API version')]
  if (name.split('/').length !== 2)
    return [invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  return validateQualifiedName(name).map((detail) => invalid(path, name, detail))
}

function validateSpec({
  request = '',
  signerName = '',
  expirationSeconds,
  usages = [],
}: CertificateSigningRequest['spec']) {
  const errors: FieldError[] = []
  if (request === '') errors.push(required('spec.request'))
  else if (!PEM.test(Buffer.from(request, 'base64').toString('latin1')))
    errors.push(invalid('spec.request', request, 'PEM block type must be CERTIFICATE REQUEST'))
  errors.push(...validateSignerName(signerName))
  if (expirationSeconds !== undefined && expirationSeconds < EXPIRATION_SECONDS_MIN)
    errors.push(
      invalid(
        'spec.expirationSeconds',
        expirationSeconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    )
  if (usages.length === 0) errors.push(required('spec.usages'))
  for (const [index, usage] of usages.entries())
    if (!USAGES.includes(usage)) errors.push(notSupported(at('spec.usages', index), usage, USAGES))
  return errors
}

const DECISIONS = ['Approved', 'Denied'] as const
const isDecision = ({ type }: { type: string }) => DECISIONS.some((decision) => decision === type)
/** Once true, true for ever. */
const FINAL = [...DECISIONS, 'Failed']

const conditionsOf = ({ status }: CertificateSigningRequest) => status.conditions ?? []
const hasCondition = (request: CertificateSigningRequest, type: string) =>
  conditionsOf(request).some((condition) => condition.type === type)

function validateConditions(request: CertificateSigningRequest): FieldError[] {
  const path = 'status.conditions'
  const errors = conditionsOf(request).flatMap(({ type, status }, index) => {
    if (type === '') return [required(`${at(path, index)}.type`)]
    return FINAL.includes(type) && status !== 'True'
      ? [notSupported(`${at(path, index)}.status`, status, ['True'])]
      : []
  })
  if (DECISIONS.every((type) => hasCondition(request, type)))
    errors.push(invalid(path, 'Approved,Denied', 'Approved and Denied conditions are mutually exclusive'))
  return errors
}

function validateStatusUpdate(request: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  const errors = validateConditions(request)
  for (const type of FINAL.filter((final) => hasCondition(old, final) && !hasCondition(request, final)))
    errors.push(forbidden('status.conditions', `updates may not remove a condition of type ${JSON.stringify(type)}`))
  const { certificate = '' } = old.status
  if (certificate !== '' && request.status.certificate !== certificate)
    errors.push(forbidden('status.certificate', 'updates may not modify existing certificate content'))
  return errors
}

/** What a write to `approval` makes of a request: of all that was sent, only the decision counts. */
export function withDecision(
  old: CertificateSigningRequest,
  sent: CertificateSigningRequest,
): CertificateSigningRequest {
  const next = structuredClone(old)
  next.metadata.resourceVersion = sent.metadata.resourceVersion
  const others = conditionsOf(old).filter((condition) => !isDecision(condition))
  next.status = { ...next.status, conditions: [...others, ...conditionsOf(sent).filter(isDecision)] }
  return next
}

/** What is wrong with a request after its decision was written. */
export const validateDecision = validateStatusUpdate

/** As `kubectl get csr` shows it: `Pending`, `Approved,Issued`, `Denied` … */
function stateOf(request: CertificateSigningRequest): string {
  const shown = FINAL.filter((type) => hasCondition(request, type))
  if (shown.length === 0) shown.push('Pending')
  if ((request.status.certificate ?? '') !== '') shown.push('Issued')
  return shown.join(',')
}

export const certificateSigningRequest: Kind<CertificateSigningRequest> = {
  group: CERTIFICATES_GROUP,
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  singular: 'certificatesigningrequest',
  shortNames: ['csr'],
  namespaced: false,
  schema,
  hasStatus: true,
  hasGeneration: false,
  prepareForCreate: (request) => {
    request.status = {}
  },
  prepareForUpdate: (request, old) => {
    request.spec = structuredClone(old.spec)
  },
  prepareForStatusUpdate: (request, old) => {
    // Decisions have a subresource of their own.
    const sent = conditionsOf(request).filter((condition) => !isDecision(condition))
    const kept = conditionsOf(old).filter(isDecision)
    if (sent.length + kept.length > 0) request.status.conditions = [...kept, ...sent]
  },
  validate: ({ spec }) => validateSpec(spec),
  validateStatusUpdate,
  columns: [
    nameColumn,
    ageColumn,
    {
      name: 'SignerName',
      type: 'string',
      description: 'Who is to sign it.',
      cell: ({ spec }) => spec.signerName,
    },
    { name: 'Requestor', type: 'string', description: 'Who asks.', cell: ({ spec }) => spec.username ?? '' },
    {
      name: 'RequestedDuration',
      type: 'string',
      description: 'How long the certificate is to be valid.',
      cell: ({ spec }) =>
        spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000),
    },
    { name: 'Condition', type: 'string', description: 'What was decided.', cell: stateOf },
  ],
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
}
