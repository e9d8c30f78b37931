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
    command: [
      'sh',
      '-c',
      'exec 2>&1; cat /etc/conf/color; echo; touch /etc/conf/x; touch /read/x; touch /data/x && ls /read',
    ],
    volumeMounts: [
      { name: 'conf', mountPath: '/etc/conf' },
      { name: 'data', mountPath: '/data' },
      { name: 'data', mountPath: '/read', readOnly: true },
    ],
  })
  t.match(out, /^red\n.*\/etc\/conf\/x.*Read-only file system\n.*\/read\/x.*Read-only file system\nx$/)
})
