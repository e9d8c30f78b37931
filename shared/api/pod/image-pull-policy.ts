/** The default of `imagePullPolicy`: an image that may change under its name is pulled anew for every start. */
export const pullPolicyFor = (image: unknown): 'Always' | 'IfNotPresent' =>
  tagOf(typeof image === 'string' ? image : '') === 'latest' ? 'Always' : 'IfNotPresent'

/** The tag of an image reference: `latest` where there is neither tag nor digest; empty where there is only a digest. */
function tagOf(image: string): string {
  const [name = '', digest] = image.split('@')
  const lastPart = name.slice(name.lastIndexOf('/') + 1)
  const colon = lastPart.indexOf(':')
  if (colon >= 0) return lastPart.slice(colon + 1)
  return digest === undefined ? 'latest' : ''
}
