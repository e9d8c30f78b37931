/**
 * Which pod has which address. Written to disk before an address is handed out, so that neither a restart of the kubelet
 * nor a crash gives one address to two pods. A freed address is used again as late as possible: whoever still
 * remembers it should reach nobody rather than somebody else.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type AddressRange, parseCidr, toAddress } from '../../shared/cidr.ts'

export interface PodAddresses {
  /** The pod's address, a new one where it has none. Throws when all are in use. */
  assign(podUid: string): string
  free(podUid: string): void
}

interface Book {
  cidr: string
  byPod: Record<string, string>
  /** Used before and free again, longest free first. */
  freed: string[]
  /** How many addresses of the range were ever handed out. */
  used: number
}

/** Addresses at the start of the range that no pod gets: the network's own, and the node's. */
const RESERVED_FIRST = 2
/** The last one is the broadcast address. */
const RESERVED_LAST = 1

/** Throws where the flag names no range that a node could use. */
function rangeOf(cidr: string): AddressRange {
  const range = parseCidr(cidr)
  if (range === undefined)
    throw new Error(`the pod CIDR ${JSON.stringify(cidr)} is not an IPv4 range such as 127.1.2.0/24`)
  return range
}

function readBook(path: string, cidr: string): Book {
  const empty: Book = { cidr, byPod: {}, freed: [], used: 0 }
  try {
    const book = JSON.parse(readFileSync(path, 'utf8')) as Book
    // A node with another range is another network: no address of the old one works any more.
    return book.cidr === cidr ? book : empty
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return empty
    throw error
  }
}

/** Opens the book of addresses of a node, kept in the file `path`. */
export function openPodAddresses(path: string, cidr: string): PodAddresses {
  const { first, size } = rangeOf(cidr)
  const available = size - RESERVED_FIRST - RESERVED_LAST
  let book = readBook(path, cidr)

  const write = (next: Book) => {
    writeFileSync(`${path}.new`, JSON.stringify(next), { mode: 0o600 })
    renameSync(`${path}.new`, path)
    book = next
  }

  return {
    assign(podUid) {
      const known = book.byPod[podUid]
      if (known !== undefined) return known
      const isUnused = book.used < available
      const ip = isUnused ? toAddress(first + RESERVED_FIRST + book.used) : book.freed[0]
      if (ip === undefined) throw new Error(`no address is free in the pod CIDR ${cidr}`)
      write({
        cidr,
        byPod: { ...book.byPod, [podUid]: ip },
        freed: isUnused ? book.freed : book.freed.slice(1),
        used: isUnused ? book.used + 1 : book.used,
      })
      return ip
    },
    free(podUid) {
      const { [podUid]: ip, ...byPod } = book.byPod
      if (ip !== undefined) write({ ...book, byPod, freed: [...book.freed, ip] })
    },
  }
}
