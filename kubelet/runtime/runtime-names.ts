/** The values of `--runtime`. */
export const RUNTIMES = ['auto', 'namespaces', 'process'] as const
export type RuntimeName = Exclude<(typeof RUNTIMES)[number], 'auto'>
