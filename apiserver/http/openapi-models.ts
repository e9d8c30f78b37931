/** Bodies that the server answers with for every kind alike, as OpenAPI describes them. */
import { anyObject, field, int32, int64, list, object, text } from '../../shared/api/schema.ts'

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

/** The metadata of a list. */
export const listMeta = object(`${META}.ListMeta`, 'What is said about a list as a whole.', {
  continue: text('Token of the next page; empty on the last one.'),
  remainingItemCount: int64('Objects after this page; left out where selectors make it unknown.'),
  resourceVersion: text('The version of the store that the list shows; a watch can begin at it.'),
  selfLink: text('No longer filled in.'),
})

const statusCause = object(`${META}.StatusCause`, 'A single cause of a failure.', {
  field: text('The field that caused it, as a path: `spec.containers[0].image`.'),
  message: text('What is wrong, for people.'),
  reason: text('What is wrong, in one CamelCase word.'),
})

const statusDetails = object(`${META}.StatusDetails`, 'What a Status is about.', {
  causes: list(statusCause, 'The causes of a failure, where there are several or it has a field.'),
  group: text('API group of the object.'),
  kind: text('Resource of the object, or its kind where validation speaks.'),
  name: text('Name of the object.'),
  retryAfterSeconds: int32('Seconds to wait before the request is tried again.'),
  uid: text('UID of the object.'),
})

/** The answer to a request that has no object to show: an error, or a success. */
export const status = object(`${META}.Status`, 'The outcome of a request that has no object to show.', {
  apiVersion: text('API version of this representation.'),
  kind: text('Status.'),
  metadata: field(listMeta, 'Empty, but for the token with which an expired list can go on.'),
  status: text('Success or Failure.'),
  message: text('What happened, for people.'),
  reason: text('Why the request failed, in one CamelCase word; clients branch on it.'),
  details: field(statusDetails, 'What the status is about.'),
  code: int32('The HTTP status code.'),
})

/** Any patch: which fields there are depends on its type. */
export const patch = anyObject('A patch, in the form that the media type of the request names.')
