/** Volumes as links: the stories of every runtime, and the variables that tell of them. */
import t from 'tap'
import { tellVolumeStories } from './stories.ts'

t.test('stories', async (t) => {
  const { outputOf, putConfig } = await tellVolumeStories(t, 'process')
  await putConfig('told', { color: 'red' })
  const out = await outputOf('told', [{ name: 'my-conf', configMap: { name: 'told' } }], {
    command: ['sh', '-c', 'cat "$KUBEPROC_VOLUME_MY_CONF/color"; test "$PWD" = "$KUBEPROC_ROOT" && echo " root"'],
    volumeMounts: [{ name: 'my-conf', mountPath: '/etc/conf' }],
  })
  t.equal(out, 'red root')
})
