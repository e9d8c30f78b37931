import t from 'tap'
import { createEndpointTable } from '../../../apiserver/http/endpoint-table.ts'
import type { Endpoint } from '../../../apiserver/http/exchange.ts'

const endpoint = (path: string): Endpoint => ({ path, handlers: {} })

const PATTERNS = [
  '/api/v1/pods',
  '/api/v1/namespaces',
  '/api/v1/namespaces/:name',
  '/api/v1/namespaces/:name/status',
  '/api/v1/namespaces/:namespace/pods',
  '/api/v1/namespaces/:namespace/pods/:name',
  '/api/v1/namespaces/:namespace/pods/:name/log',
  '/api/v1/nodes/:name/status',
  '/apis/apps/v1/namespaces/:namespace/deployments/:name',
]

t.test('paths lead to endpoints', async (t) => {
  const table = createEndpointTable()
  table.add(PATTERNS.map(endpoint))
  const rows: [path: string, wanted: [pattern: string, namespace?: string, name?: string] | undefined][] = [
    ['/api/v1/pods', ['/api/v1/pods']],
    ['/api/v1/pods?watch=1', ['/api/v1/pods']],
    ['/api/v1/namespaces', ['/api/v1/namespaces']],
    ['/api/v1/namespaces/a', ['/api/v1/namespaces/:name', undefined, 'a']],
    ['/api/v1/namespaces/a/status', ['/api/v1/namespaces/:name/status', undefined, 'a']],
    ['/api/v1/namespaces/a/pods', ['/api/v1/namespaces/:namespace/pods', 'a']],
    ['/api/v1/namespaces/a/pods/b', ['/api/v1/namespaces/:namespace/pods/:name', 'a', 'b']],
    ['/api/v1/namespaces/a/pods/b/log', ['/api/v1/namespaces/:namespace/pods/:name/log', 'a', 'b']],
    ['/api/v1/nodes/n/status', ['/api/v1/nodes/:name/status', undefined, 'n']],
    ['/apis/apps/v1/namespaces/a/deployments/b', ['/apis/apps/v1/namespaces/:namespace/deployments/:name', 'a', 'b']],
    ['/api/v1/namespaces/a/pods/b%3Ac', ['/api/v1/namespaces/:namespace/pods/:name', 'a', 'b:c']],
    ['/api/v1/namespaces/a/pods/b%2Flog', ['/api/v1/namespaces/:namespace/pods/:name', 'a', 'b/log']],
    ['/api/v1/namespaces/a/pods/%zz', undefined],
    [`/api/v1/namespaces/a/pods/${'b'.repeat(1025)}`, undefined],
    ['/api/v1/namespaces/:namespace/pods', ['/api/v1/namespaces/:namespace/pods', ':namespace']],
    ['/api/v1/namespaces/a/pods/', ['/api/v1/namespaces/:namespace/pods', 'a', undefined]],
    ['/api/v1/namespaces//pods', undefined],
    ['/api/v1/namespaces/a/pods/b/log/more', undefined],
    ['/api/v1/elsewhere/a/pods/b', undefined],
    ['/api/v1/__proto__', undefined],
    ['/api/v1', undefined],
    ['/api/v2/pods', undefined],
    ['/apis/apps/v1', undefined],
    ['/apis', undefined],
    ['/', undefined],
  ]
  for (const [path, wanted] of rows) {
    const found = table.find(path)
    t.same(
      found && [found.endpoint.path, found.namespace, found.name],
      wanted && [...wanted, undefined, undefined].slice(0, 3),
      path,
    )
  }
})

t.test('endpoints come and go', async (t) => {
  const table = createEndpointTable()
  const widgets = [endpoint('/apis/example.com/v1/widgets'), endpoint('/apis/example.com/v1/widgets/:name')]
  t.notOk(table.isInServedVersion('/apis/example.com/v1/gadgets'))
  table.add(widgets)
  t.ok(table.find('/apis/example.com/v1/widgets/a'))
  t.ok(table.isInServedVersion('/apis/example.com/v1/gadgets'))
  t.notOk(table.isInServedVersion('/apis/example.com/v1'))
  t.notOk(table.isInServedVersion('/apis/example.com/v2/widgets'))
  t.throws(() => table.add([endpoint('/apis/example.com/v1/widgets')]), /two endpoints/)
  table.remove(widgets)
  table.remove(widgets)
  t.equal(table.find('/apis/example.com/v1/widgets/a'), undefined)
  t.notOk(table.isInServedVersion('/apis/example.com/v1/gadgets'))
})
