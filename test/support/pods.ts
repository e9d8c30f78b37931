import { decodeValue } from '../../apiserver/codec/decode.ts'
import { type Pod, pod } from '../../shared/api/pod/pod.ts'

/** A part of an object, as a manifest gives it: any field may be left out. */
export type Partly<Value> = Value extends readonly (infer Item)[]
  ? readonly Partly<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]?: Partly<Value[Key]> }
    : Value

/** A pod as the API server holds it: decoded strictly, all defaults filled in. Default: one container `c` with the image `x:1`. */
export function podOf({ metadata, spec, status }: Partly<Pick<Pod, 'metadata' | 'spec' | 'status'>> = {}): Pod {
  const manifest = {
    metadata: { name: 'p', namespace: 'default', ...metadata },
    spec: { containers: [{ name: 'c', image: 'x:1' }], ...spec },
    status,
  }
  return decodeValue<Pod>(manifest, pod, { fieldValidation: 'Strict' }).object
}
