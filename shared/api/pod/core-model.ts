/** The full upstream name of a model of the core group: `io.k8s.api.core.v1.PodSpec`. */
export const coreModel = (name: string): string => `io.k8s.api.core.v1.${name}`
