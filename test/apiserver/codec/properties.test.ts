/** What holds for every body, however odd. */
import fc from 'fast-check'
import t from 'tap'
import { decodeObject, decodeValue } from '../../../apiserver/codec/decode.ts'
import { encodeStored } from '../../../apiserver/codec/encode.ts'
import type { KubeObject } from '../../../shared/api/kind.ts'
import { builtInKinds } from '../../../shared/api/kinds.ts'
import { ApiError } from '../../../shared/errors.ts'

const kinds = fc.constantFrom(...builtInKinds)
const fieldValidation = fc.constantFrom('Ignore', 'Warn', 'Strict' as const)

/** Values in which the names of real fields occur, so that they get past the first level. */
const fieldNames = fc.constantFrom(
  ...['metadata', 'spec', 'status', 'data', 'labels', 'name', 'containers', 'template', 'ports', 'image', 'conditions'],
  ...['taints', 'capacity', 'livenessProbe', 'httpGet', 'port', 'replicas', 'managedFields', 'fieldsV1', 'finalizers'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'kind', 'apiVersion', 'stringData', 'renewTime', 'type'],
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom(null, true, 0, -1, 1.5, 2 ** 31, 1e300, '', 'Pod', 'v1', '1', '2026-01-01T00:00:00Z', 'YWJj'),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fieldNames, fieldNames, fc.string()), tie('value'), { maxKeys: 5 }),
  ),
}))

const pollution = () => Object.keys(Object.prototype).length + Object.keys(Array.prototype).length

async function outcome<Result>(run: () => Result | Promise<Result>): Promise<Result | ApiError> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
}

t.test('any JSON value decodes or is refused by an ApiError, and pollutes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(kinds, value, fieldValidation, async (kind, body, mode) => {
      const text = JSON.stringify(body)
      const result = await outcome(() => decodeObject(Buffer.from(text), undefined, kind, { fieldValidation: mode }))
      if (!(result instanceof ApiError)) kind.validate(result.object)
      return pollution() === 0
    }),
    { numRuns: 2000 },
  )
})

t.test('any bytes do so as well, as JSON and as YAML', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
    value.map((body) => Buffer.from(JSON.stringify(body).slice(0, -1))),
    fc.stringMatching(/^[-:{}[\]&*!|>'"%@` a-c\n\t#,?0-9.~]{0,80}$/).map((text) => Buffer.from(text)),
  )
  const types = fc.constantFrom('application/json', 'application/yaml')
  await fc.assert(
    fc.asyncProperty(kinds, bytes, types, async (kind, body, contentType) => {
      await outcome(() => decodeObject(body, contentType, kind, { fieldValidation: 'Warn' }))
    }),
    { numRuns: 2000 },
  )
})

t.test('what was decoded decodes to itself', async () => {
  await fc.assert(
    fc.asyncProperty(kinds, value, async (kind, body) => {
      const first = await outcome(() => decodeValue(body, kind, { fieldValidation: 'Ignore' }))
      if (first instanceof ApiError) return true
      const stored = encodeStored(first.object as KubeObject)
      const again = decodeValue(JSON.parse(stored), kind, { fieldValidation: 'Strict' })
      return encodeStored(again.object as KubeObject) === stored
    }),
    { numRuns: 2000 },
  )
})
