/** OpenAPI 2 (Swagger) from OpenAPI 3: one document of everything, as older clients and generators read it. Pure. */
import { INFO, type OpenApiDocument } from './openapi-document.ts'

type Json = { readonly [key: string]: unknown }

interface Operation extends Json {
  parameters?: readonly Parameter[]
  requestBody?: { required?: true; content: Readonly<Record<string, { schema: Json }>> }
  responses: Readonly<Record<string, { description: string; content: Readonly<Record<string, { schema: Json }>> }>>
}

interface Parameter extends Json {
  name: string
  schema: Json
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A schema in the older form: a lone reference takes the place of its `allOf`; and of the types that a value may have
 * the text is named, since there is no way to name several.
 */
function schemaOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(schemaOf)
  if (!isObject(schema)) return schema
  const { allOf, oneOf, $ref, ...rest } = schema
  const converted = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, schemaOf(value)]))
  if (Array.isArray(allOf)) return { ...converted, ...(schemaOf(allOf[0]) as Json) }
  if (Array.isArray(oneOf)) return { ...converted, type: 'string' }
  if (typeof $ref === 'string') return { ...converted, $ref: $ref.replace('#/components/schemas/', '#/definitions/') }
  return converted
}

const parameterOf = ({ schema, ...rest }: Parameter) => ({ ...rest, ...schema })

const firstSchema = (content: Readonly<Record<string, { schema: Json }>>) => schemaOf(Object.values(content)[0]?.schema)

function operationOf({ requestBody, responses, parameters = [], ...rest }: Operation) {
  const body = requestBody && {
    name: 'body',
    in: 'body',
    ...(requestBody.required && { required: true }),
    schema: firstSchema(requestBody.content),
  }
  return {
    ...rest,
    consumes: requestBody === undefined ? ['*/*'] : Object.keys(requestBody.content),
    produces: Object.keys(Object.values(responses)[0]?.content ?? {}),
    schemes: ['https'],
    parameters: [...(body === undefined ? [] : [body]), ...parameters.map(parameterOf)],
    responses: {
      ...Object.fromEntries(
        Object.entries(responses).map(([code, { description, content }]) => [
          code,
          { description, schema: firstSchema(content) },
        ]),
      ),
      '401': { description: 'Unauthorized' },
    },
  }
}

const pathOf = ({ parameters, ...operations }: Json) => ({
  ...Object.fromEntries(
    Object.entries(operations).map(([method, operation]) => [method, operationOf(operation as Operation)]),
  ),
  parameters: (parameters as readonly Parameter[]).map(parameterOf),
})

/** The one document that says what all these say. */
export function openApi2Document(documents: readonly OpenApiDocument[]): object {
  const paths = documents.flatMap((document) => Object.entries(document.paths))
  const models = documents.flatMap(({ components }) => Object.entries(components.schemas))
  return {
    swagger: '2.0',
    info: INFO,
    paths: Object.fromEntries(paths.map(([path, item]) => [path, pathOf(item as Json)])),
    definitions: Object.fromEntries(models.map(([name, model]) => [name, schemaOf(model)])),
    securityDefinitions: {
      BearerToken: { type: 'apiKey', name: 'authorization', in: 'header', description: 'Bearer token.' },
    },
    security: [{ BearerToken: [] }],
  }
}
