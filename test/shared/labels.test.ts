import fc from 'fast-check'
import t from 'tap'
import { isApiError } from '../../shared/errors.ts'
import {
  formatSelector,
  type Labels,
  matchesRequirement,
  matchesSelector,
  NOTHING,
  parseSelector,
  requirementFrom,
  selectorFromLabelSelector,
  selectorFromMap,
} from '../../shared/labels.ts'

t.test('text forms', async (t) => {
  const rows: [text: string, shown: string][] = [
    ['', ''],
    ['app=kubia', 'app=kubia'],
    ['app==kubia', 'app==kubia'],
    ['b!=2,a=1', 'a=1,b!=2'],
    ['env in (test, dev ,dev)', 'env in (dev,test)'],
    ['env notin(a)', 'env notin (a)'],
    ['g,!h', 'g,!h'],
    ['! h', '!h'],
    ['a=', 'a='],
    ['a=,b', 'a=,b'],
    ['a in ()', 'a in ()'],
    ['a in (,x)', 'a in (,x)'],
    ['a in (x,)', 'a in (,x)'],
    ['in in (in,notin)', 'in in (in,notin)'],
    ['n>1,m<2', 'm<2,n>1'],
    ['example.com/role=x', 'example.com/role=x'],
    ['\ta\n=\r\nb ', 'a=b'],
  ]
  for (const [text, shown] of rows) {
    t.equal(formatSelector(parseSelector(text)), shown, JSON.stringify(text))
  }
})

t.test('errors are bad requests in upstream words', async (t) => {
  const name =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
  const value =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
  const rows: [text: string, message: string][] = [
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['a in (x', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (x y)', "unable to parse requirement: found 'y', expected: ',' or ')'"],
    ['a in (x,', "unable to parse requirement: found '', expected: ',', or identifier"],
    ['a in (x,=)', "unable to parse requirement: found '=', expected: ',', or identifier"],
    ['a in x', "unable to parse requirement: found 'x' expected: '('"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['a==(', "unable to parse requirement: found '(', expected: identifier"],
    ['a,', "found '', expected: identifier after ','"],
    ['a,,b', "found ',', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    [
      'a/b/c',
      `unable to parse requirement: <nil>: Invalid value: "a/b/c": a qualified name ${name} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ],
    ['/b', 'unable to parse requirement: <nil>: Invalid value: "/b": prefix part must be non-empty'],
    ['a?=b', `unable to parse requirement: <nil>: Invalid value: "a?": name part ${name}`],
    ['a=b?', `unable to parse requirement: values[0][a]: Invalid value: "b?": ${value}`],
    [
      'a>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ]
  for (const [text, message] of rows) {
    try {
      parseSelector(text)
      t.fail(`${text} is accepted`)
    } catch (error) {
      t.ok(isApiError(error, 'BadRequest'), text)
      t.equal((error as Error).message, message, text)
    }
  }
})

t.test('matching', async (t) => {
  const labels: Labels = { app: 'kubia', env: 'test', n: '5', empty: '' }
  const rows: [text: string, matches: boolean][] = [
    ['', true],
    ['app=kubia', true],
    ['app==other', false],
    ['app!=other', true],
    ['app!=kubia', false],
    ['none!=x', true],
    ['app in (a,kubia)', true],
    ['none in (a)', false],
    ['none notin (a)', true],
    ['env notin (test)', false],
    ['app', true],
    ['none', false],
    ['!none', true],
    ['!app', false],
    ['empty=', true],
    ['none=', false],
    ['constructor', false],
    ['n>4,n<6', true],
    ['n>5', false],
    ['app>4', false],
    ['app=kubia,env=dev', false],
  ]
  for (const [text, matches] of rows) t.equal(matchesSelector(parseSelector(text), labels), matches, text || '(empty)')
  t.equal(matchesSelector(parseSelector('!a'), undefined), true, 'an object without labels')
})

t.test('label selectors of objects', async (t) => {
  const matchExpressions = [{ key: 'app', operator: 'In', values: ['kubia'] }]
  t.equal(formatSelector(selectorFromLabelSelector({ matchExpressions })), 'app in (kubia)')
  t.equal(formatSelector(selectorFromLabelSelector({ matchLabels: { b: '2', a: '1' } })), 'a=1,b=2')
  t.equal(
    formatSelector(
      selectorFromLabelSelector({
        matchLabels: { z: '1' },
        matchExpressions: [
          { key: 'a', operator: 'Exists' },
          { key: 'b', operator: 'DoesNotExist' },
          { key: 'c', operator: 'NotIn', values: ['y', 'x'] },
        ],
      }),
    ),
    'a,!b,c notin (x,y),z=1',
  )
  t.equal(matchesSelector(selectorFromLabelSelector({}), { a: '1' }), true, 'an empty one selects everything')
  t.equal(selectorFromLabelSelector(undefined), NOTHING)
  t.equal(matchesSelector(NOTHING, {}), false)
  t.equal(formatSelector(NOTHING), '')
  t.equal(selectorFromLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Near' }] }), NOTHING)
  t.equal(formatSelector(selectorFromMap({ app: 'kubia' })), 'app=kubia')
  t.equal(matchesSelector(selectorFromMap(undefined), {}), true)
})

t.test('orders of node affinity compare integers of any size', async (t) => {
  const above = requirementFrom({ key: 'n', operator: 'Gt', values: ['9007199254740993'] })!
  t.equal(matchesRequirement(above, { n: '9007199254740994' }), true)
  t.equal(matchesRequirement(above, { n: '9007199254740993' }), false)
  const below = requirementFrom({ key: 'n', operator: 'Lt', values: ['-3'] })!
  t.equal(matchesRequirement(below, { n: '-4' }), true)
  t.equal(matchesRequirement(below, { n: 'x' }), false)
  t.equal(requirementFrom({ key: 'n', operator: 'toString' }), undefined)
})

t.test('a selector read from its text form selects the same', async () => {
  const word = fc.stringMatching(/^[a-z]{1,2}$/)
  const requirement = fc.oneof(
    fc.tuple(word, fc.constantFrom('=', '==', '!='), fc.oneof(word, fc.constant(''))).map((parts) => parts.join('')),
    fc.tuple(word, fc.constantFrom('in', 'notin'), fc.array(word)).map(([k, op, vs]) => `${k} ${op} (${vs})`),
    fc.tuple(fc.constantFrom('', '!'), word).map((parts) => parts.join('')),
  )
  const text = fc.array(requirement, { maxLength: 4 }).map((parts) => parts.join(','))
  fc.assert(
    fc.property(text, fc.dictionary(word, word), (text, labels) => {
      const selector = parseSelector(text)
      const again = parseSelector(formatSelector(selector))
      return (
        formatSelector(again) === formatSelector(selector) &&
        matchesSelector(again, labels) === matchesSelector(selector, labels)
      )
    }),
  )
})
