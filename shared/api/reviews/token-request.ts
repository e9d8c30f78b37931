import { type FieldError, invalid } from '../../field-errors.ts'
import type { BodyKind } from '../kind.ts'
import { typeMeta } from '../meta.ts'
import { field, int64, list, object, type Static, text, time } from '../schema.ts'
import { AUTHENTICATION_GROUP, authenticationModel } from './user-info.ts'

const BoundObjectReference = object(
  authenticationModel('BoundObjectReference'),
  'An object with which a token lives and dies.',
  {
    kind: text('Pod, Secret or Node.'),
    apiVersion: text('API version of the object.'),
    name: text('Name of the object.'),
    uid: text('UID of the object.'),
  },
)
export type BoundObjectReference = Static<typeof BoundObjectReference>

const DEFAULT_SECONDS = 3600
const SECONDS_MIN = 600
const SECONDS_MAX = 2 ** 32

const Spec = object(
  authenticationModel('TokenRequestSpec'),
  'What token is wanted.',
  {
    audiences: list(text('An audience.'), 'Whom the token is meant for. Default: the API server.', { type: 'atomic' }),
    expirationSeconds: int64('How long it works, from 600 on.', { default: DEFAULT_SECONDS }),
    boundObjectRef: field(BoundObjectReference, 'With what it lives and dies, beside its account.'),
  },
  { required: ['audiences'] },
)

const Status = object(
  authenticationModel('TokenRequestStatus'),
  'The token.',
  { token: text('The token.'), expirationTimestamp: time('Until when it works.') },
  { required: ['token', 'expirationTimestamp'] },
)

const schema = object(
  authenticationModel('TokenRequest'),
  'Asks for a token of a service account: `kubectl create token`. Nothing is stored.',
  {
    ...typeMeta,
    spec: field(Spec, 'What token is wanted.', { default: {} }),
    status: field(Status, 'The answer; what a client says here is not read.'),
  },
  { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
)
export type TokenRequest = Static<typeof schema>

function validate({ spec: { expirationSeconds = DEFAULT_SECONDS } }: TokenRequest): FieldError[] {
  const path = 'spec.expirationSeconds'
  if (expirationSeconds < SECONDS_MIN)
    return [invalid(path, expirationSeconds, 'may not specify a duration less than 10 minutes')]
  if (expirationSeconds > SECONDS_MAX)
    return [invalid(path, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
  return []
}

export const tokenRequest: BodyKind<TokenRequest> = {
  group: AUTHENTICATION_GROUP,
  version: 'v1',
  kind: 'TokenRequest',
  schema,
  validate,
}
