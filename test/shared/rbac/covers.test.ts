import t from 'tap'
import type { PolicyRule } from '../../../shared/api/rbac/policy-rule.ts'
import { compact, describeRule, uncovered } from '../../../shared/rbac/covers.ts'
import { allowsPath, allowsResource } from '../../../shared/rbac/rule-match.ts'

const rule = (verbs: string, resources: string, groups = '', ...resourceNames: string[]): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups: groups.split(' '),
  resources: resources.split(' '),
  ...(resourceNames.length > 0 && { resourceNames }),
})
const paths = (verbs: string, urls: string): PolicyRule => ({
  verbs: verbs.split(' '),
  nonResourceURLs: urls.split(' '),
})

t.test('what goes beyond', async (t) => {
  const cases: [title: string, owned: PolicyRule[], asked: PolicyRule[], missing: string[]][] = [
    ['the same', [rule('get', 'pods')], [rule('get', 'pods')], []],
    ['less', [rule('get list', 'pods secrets')], [rule('get', 'pods')], []],
    ['pieces of several', [rule('get', 'pods'), rule('list', 'pods')], [rule('get list', 'pods')], []],
    ['everything', [rule('*', '*', '*')], [rule('*', '*', '*'), rule('get', 'pods/log')], []],
    [
      'all verbs are more than some',
      [rule('get list', 'pods')],
      [rule('*', 'pods')],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}'],
    ],
    [
      'more verbs',
      [rule('get', 'pods')],
      [rule('get list watch', 'pods')],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}'],
    ],
    [
      'another group',
      [rule('get', 'pods')],
      [rule('get', 'pods', 'x')],
      ['{APIGroups:["x"], Resources:["pods"], Verbs:["get"]}'],
    ],
    [
      'a part',
      [rule('get', 'pods')],
      [rule('get', 'pods/log')],
      ['{APIGroups:[""], Resources:["pods/log"], Verbs:["get"]}'],
    ],
    ['a part of all', [rule('get', '*/scale')], [rule('get', 'x/scale')], []],
    ['names', [rule('get', 'pods', '', 'a', 'b')], [rule('get', 'pods', '', 'a')], []],
    [
      'all names',
      [rule('get', 'pods', '', 'a')],
      [rule('get', 'pods')],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ],
    [
      'another name',
      [rule('get', 'pods', '', 'a')],
      [rule('get', 'pods', '', 'b')],
      ['{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}'],
    ],
    ['paths', [paths('get', '/a/*')], [paths('get', '/a/b /a/*')], []],
    ['a wider path', [paths('get', '/a/b')], [paths('get', '/a/*')], ['{NonResourceURLs:["/a/*"], Verbs:["get"]}']],
    [
      'resources are no paths',
      [rule('*', '*', '*')],
      [paths('get', '/a')],
      ['{NonResourceURLs:["/a"], Verbs:["get"]}'],
    ],
  ]
  for (const [title, owned, asked, missing] of cases)
    t.strictSame(compact(uncovered(owned, asked)).map(describeRule), missing, title)
})

t.test('what a rule allows', async (t) => {
  const log = { group: '', plural: 'pods', subresource: 'log', name: 'a' }
  const pod = { group: '', plural: 'pods', name: 'a' }
  t.ok(allowsResource(rule('get', '*'), 'get', log))
  t.notOk(allowsResource(rule('get', 'pods'), 'get', log))
  t.notOk(allowsResource(rule('get', 'pods/*'), 'get', log), 'there is no such wildcard')
  t.ok(allowsResource(rule('get', '*/log'), 'get', log))
  t.notOk(allowsResource(rule('get', '*/log'), 'get', pod))
  t.notOk(allowsResource(rule('get', 'pods', '', 'b'), 'get', pod))
  t.notOk(allowsResource(rule('list', 'pods', '', 'a'), 'list', { group: '', plural: 'pods' }), 'a list has no name')
  t.notOk(allowsResource({ verbs: ['get'] }, 'get', pod))
  t.ok(allowsPath(paths('get', '/healthz/*'), 'get', '/healthz/etcd'))
  t.notOk(allowsPath(paths('get', '/healthz/*'), 'get', '/healthz'))
  t.notOk(allowsPath(paths('get', '/healthz'), 'get', '/healthz/etcd'))
})
