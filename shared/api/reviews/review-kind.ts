/** What all reviews have in common: they are posted and answered at once, and nothing is stored. */
export const reviewKind = {
  version: 'v1',
  verbs: ['create'],
  hasStatus: false,
  hasGeneration: false,
  columns: [],
} as const
