/**
 * Which number stands for which field in Kubernetes' protobuf messages: what makes them readable. A message is a text of
 * `NUMBER:FIELD:TYPE` with spaces between; types are
 * - `string`, `int`, `bool`, `bytes`, `double`. Writers always send those, so an empty one says nothing, unless `?` marks
 *   it as one that is only sent where it is set,
 * - `Time`, `MicroTime`, `Quantity`, `IntOrString`, `FieldsV1` and `RawExtension`, which have a form of their own in JSON,
 * - the name of another message; after `...` one whose fields JSON has in place,
 * - `[]TYPE` for a list, `map:TYPE` for a map of texts to values.
 */
import { clusterMessages } from './cluster-messages.ts'
import { objectMessages } from './object-messages.ts'
import { podMessages } from './pod-messages.ts'
import { reviewMessages } from './review-messages.ts'
import { volumeMessages } from './volume-messages.ts'
import { workloadMessages } from './workload-messages.ts'

export interface MessageField {
  name: string
  /** Without the marks that the other members say. */
  type: string
  shape: 'one' | 'list' | 'map' | 'inline'
  /** An empty value is a value. */
  keepsEmpty: boolean
}

const SHAPES = { '[]': 'list', 'map:': 'map', '...': 'inline' } as const

function parseField(text: string): [number: number, field: MessageField] {
  const [, number, name, mark, type, keeps] = /^(\d+):(\w+):(\[\]|map:|\.\.\.)?(\w+)(\?)?$/.exec(text)!
  const shape = mark === undefined ? 'one' : SHAPES[mark as keyof typeof SHAPES]
  return [Number(number), { name: name!, type: type!, shape, keepsEmpty: keeps !== undefined || shape !== 'one' }]
}

const parseMessage = (text: string): ReadonlyMap<number, MessageField> =>
  new Map(text === '' ? [] : text.split(' ').map(parseField))

/** The fields of every message by their numbers. */
export const messages: ReadonlyMap<string, ReadonlyMap<number, MessageField>> = new Map(
  Object.entries({
    ...clusterMessages,
    ...objectMessages,
    ...podMessages,
    ...reviewMessages,
    ...volumeMessages,
    ...workloadMessages,
  }).map(([name, text]) => [name, parseMessage(text)]),
)
