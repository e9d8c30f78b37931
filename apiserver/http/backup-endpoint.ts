/** `/backup`: a copy of the whole store as it is now, secrets included, for whoever may read every path. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Storage } from '../storage/storage.ts'
import type { Endpoint } from './exchange.ts'

const SNAPSHOT_TYPE = 'application/octet-stream'

export const backupEndpoint = (storage: Pick<Storage, 'snapshot'>): Endpoint => ({
  path: '/backup',
  handlers: {
    GET: () => ({
      async stream(response, { signal }) {
        response.writeHead(200, { 'content-type': SNAPSHOT_TYPE })
        await pipeline(Readable.from(storage.snapshot(signal)), response, { signal }).catch((error) => {
          if (!signal.aborted) throw error
          // What has been sent is not whole: the connection must not end as if it were.
          response.destroy()
        })
      },
    }),
  },
})
