/** Volumes that are mounted: the stories of every runtime, and what only mounts can do. */
import t from 'tap'
import { tellVolumeStories } from './stories.ts'

const skip = (process.platform !== 'linux' || process.getuid?.() !== 0) && 'only root on Linux has mounts'

t.test('stories', { skip }, async (t) => {
  const { outputOf, putConfig } = await tellVolumeStories(t, 'namespaces')
  await putConfig('fixed', { color: 'red' })
  const volumes = [
    { name: 'conf', configMap: { name: 'fixed' } },
    { name: 'data', emptyDir: {} },
  ]
  const out = await outputOf('fixed', volumes, {
    command: ['sh', '-c', 'cat /etc/conf/color; touch /etc/conf/x; touch /read/x; touch /data/x && ls /read'],
    volumeMounts: [
      { name: 'conf', mountPath: '/etc/conf' },
      { name: 'data', mountPath: '/data' },
      { name: 'data', mountPath: '/read', readOnly: true },
    ],
  })
  const lines = out.split('\n')
  t.equal(lines.filter((line) => line.includes('Read-only file system')).length, 2)
  t.equal(lines.at(-1), 'x')
})
