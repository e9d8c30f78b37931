/** A volume or a mount cannot be had as things are; the message is upstream's, for events and waiting containers. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError'
}
