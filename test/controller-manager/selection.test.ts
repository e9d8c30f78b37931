import t from 'tap'
import { controllerAliases, controllers } from '../../controller-manager/controllers.ts'
import { selectControllers } from '../../controller-manager/selection.ts'
import { UsageError } from '../../shared/flags.ts'

const select = (...words: string[]) => selectControllers(words, ['a', 'b', 'c'], { bee: 'b' })

t.test('--controllers', async (t) => {
  t.same(select('*'), ['a', 'b', 'c'])
  t.same(select('c', 'a'), ['a', 'c'], 'in the order of the list')
  t.same(select('*', '-bee'), ['a', 'c'])
  t.same(select('-a'), [], 'all are off without the star')
  t.same(select('*', '-b', 'b'), ['a', 'b', 'c'], 'named beats left out')
  t.throws(() => select('x'), new UsageError('--controllers: "x" is not one of a, b, c'))
  t.throws(() => select('*', '-x'), UsageError)
})

t.test('every alias leads to a controller', async (t) => {
  for (const name of Object.values(controllerAliases)) t.ok(Object.hasOwn(controllers, name), name)
})
