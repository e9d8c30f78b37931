import fc from 'fast-check'
import t from 'tap'
import { decodeContinue, encodeContinue } from '../../../apiserver/registry/continue-token.ts'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

t.test('a token says what it was made of', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1 }),
      fc.stringMatching(/^[a-z0-9-]{1,20}(\/[a-z0-9.-]{1,20})?$/),
      (revision, after) => {
        t.strictSame(decodeContinue(encodeContinue({ revision, after })), { revision, after })
      },
    ),
    { numRuns: 50 },
  )
})

t.test('a token that goes on with what is current', async (t) => {
  t.strictSame(decodeContinue(encodeContinue({ revision: -1, after: 'a' })), { revision: -1, after: 'a' })
})

const refused: [title: string, token: string, detail: string][] = [
  ['not base64', 'a b', ': illegal base64 data at input byte 1'],
  ['not JSON', 'zzz', ": invalid character 'Ï' looking for beginning of value"],
  ['empty JSON', encode(''), ': server does not recognize this encoded version '],
  [
    'another version',
    encode({ v: 'meta.k8s.io/v2', rv: 1, start: 'a' }),
    ': server does not recognize this encoded version meta.k8s.io/v2',
  ],
  [
    'no revision',
    encode({ v: 'meta.k8s.io/v1', start: 'a' }),
    ': incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
  ],
  ['no start', encode({ v: 'meta.k8s.io/v1', rv: 1 }), ': encoded start key empty (version meta.k8s.io/v1)'],
]

t.test('tokens that no server made', async (t) => {
  for (const [title, token, detail] of refused)
    t.throws(
      () => decodeContinue(token),
      { reason: 'BadRequest', message: `invalid continue token: continue key is not valid${detail}` },
      title,
    )
})
