/**
 * What our OpenAPI documents require, Kubernetes' require as well: clients that check before they send would refuse
 * manifests that are valid. The list of required fields is in the declarations of a real client library.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openApiDocument } from '../../apiserver/http/openapi-document.ts'
import { builtInKinds } from '../../shared/api/kinds.ts'

const MODELS = join(dirname(fileURLToPath(import.meta.resolve('@kubernetes/client-node'))), 'gen/models')
/** Models that the library has no class for: it takes them as scalars. */
const SCALARS = /\.(Time|MicroTime|Quantity|IntOrString)$/

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** The declaration of a model: named by version, and by its group as well where others have the same name. */
function declarationOf(model: string): string {
  const [group = '', version = '', name = ''] = model.split('.').slice(-3)
  const file = [`${capital(version)}${name}`, `${capital(group)}${capital(version)}${name}`]
    .map((candidate) => join(MODELS, `${candidate}.d.ts`))
    .find((path) => existsSync(path))
  if (file === undefined) throw new Error(`the client library has no model for ${model}`)
  return readFileSync(file, 'utf8')
}

const { schemas } = openApiDocument(builtInKinds).components
for (const [model, schema] of Object.entries(schemas)) {
  if (SCALARS.test(model)) continue
  t.test(model, async (t) => {
    const required = [...declarationOf(model).matchAll(/^ {4}'(\w+)': /gm)].map(([, field]) => field!.replace(/^_/, ''))
    const ours = (schema as { required?: readonly string[] }).required ?? []
    t.same(
      ours.filter((field) => !required.includes(field)),
      [],
    )
  })
}
