/** A file that a volume is to hold. */
export interface ProjectedFile {
  data: string | Buffer
  /** Permission bits. */
  mode: number
  /** Owner, where it is not the kubelet's own user. */
  userId?: number
}

/** The files of a volume, by their paths below it. */
export type ProjectedFiles = ReadonlyMap<string, ProjectedFile>
