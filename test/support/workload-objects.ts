/** Drafts of workloads, as clients send them. */

/** A pod template with labels, and with more in its specification. */
export const podTemplate = (labels: Record<string, string> = { app: 'kubia' }, spec: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'kubia', image: 'luksa/kubia' }], ...spec },
})

/** An object with a selector for the template's labels, unless `spec` says otherwise. */
export const workload = (spec: object = {}, metadata: object = {}) => ({
  metadata: { name: 'web', ...metadata },
  spec: { selector: { matchLabels: { app: 'kubia' } }, template: podTemplate(), ...spec },
})
