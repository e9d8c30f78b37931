/** The full upstream name of a model of the apps group: `io.k8s.api.apps.v1.ReplicaSetSpec`. */
export const appsModel = (name: string): string => `io.k8s.api.apps.v1.${name}`

/** The full upstream name of a model of the batch group: `io.k8s.api.batch.v1.JobSpec`. */
export const batchModel = (name: string): string => `io.k8s.api.batch.v1.${name}`
