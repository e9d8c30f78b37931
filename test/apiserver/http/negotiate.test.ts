import t from 'tap'
import { chooseRepresentation, createAcceptParser } from '../../../apiserver/http/negotiate.ts'

const parse = createAcceptParser()
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'

const cases: [accept: string | undefined, wanted: object | undefined][] = [
  [undefined, { format: 'json' }],
  ['', { format: 'json' }],
  ['*/*', { format: 'json' }],
  ['application/json', { format: 'json' }],
  ['application/*', { format: 'json' }],
  ['application/yaml', { format: 'yaml' }],
  ['application/yaml;q=0.5, application/json', { format: 'json' }],
  ['application/vnd.kubernetes.protobuf, application/json', { format: 'json' }],
  ['application/vnd.kubernetes.protobuf', undefined],
  ['text/html', undefined],
  ['application/json;q=0', undefined],
  [TABLE, { format: 'json', as: 'Table', version: 'v1' }],
  [`application/json;as=Table;v=v1beta1;g=meta.k8s.io, application/json`, { as: 'Table', version: 'v1beta1' }],
  ['application/json;as=Table;v=v9;g=meta.k8s.io, application/json', { format: 'json' }],
  ['application/json;as=Chair;v=v1;g=meta.k8s.io', undefined],
  ['application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', { as: 'PartialObjectMetadataList' }],
]

t.test('what an Accept header gets', async (t) => {
  for (const [accept, wanted] of cases) {
    const found = chooseRepresentation(parse(accept), { transforms: true })
    if (wanted === undefined) t.equal(found, undefined, accept ?? 'none')
    else t.match(found, wanted, accept ?? 'none')
  }
  t.match(chooseRepresentation(parse(`${TABLE},application/json`), { transforms: false }), { format: 'json' })
  t.equal(chooseRepresentation(parse(TABLE), { transforms: false }), undefined)
})
