/** A directory of a test's own that outlives everything the test has to end. */
import type { Test } from 'tap'

/**
 * Makes `t.testdir(content)`, removed when the test has ended and after its teardowns have run. tap wraps one ending in
 * another in the order in which they are first asked for, so a directory that is made before the first teardown would
 * be removed before a kubelet or a server that still writes there is stopped: the removal then fails, and the teardowns
 * never run.
 */
export function testDirectory(t: Pick<Test, 'teardown' | 'testdir'>, content: Parameters<Test['testdir']>[0] = {}) {
  t.teardown(() => undefined)
  return t.testdir(content)
}
