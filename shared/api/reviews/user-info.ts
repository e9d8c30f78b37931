import { list, map, object, type Static, text } from '../schema.ts'

export const AUTHENTICATION_GROUP = 'authentication.k8s.io'

export const authenticationModel = (name: string): string => `io.k8s.api.authentication.v1.${name}`

export const UserInfo = object(authenticationModel('UserInfo'), 'A user, as authentication knows them.', {
  username: text('Name of the user.'),
  uid: text('Identifier of the user that does not come back with another user of the same name.'),
  groups: list(text('Name of a group.'), 'Groups that the user is in.'),
  extra: map(list(text('A value.'), 'Values.'), 'Anything else that the authenticator has said.'),
})
export type UserInfo = Static<typeof UserInfo>
