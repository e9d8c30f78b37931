import type { PlainAnswer } from './exchange.ts'

/** The answer under paths that are nothing of the API's, in the words of every web server written in Go. */
export const PAGE_NOT_FOUND: PlainAnswer = {
  status: 404,
  contentType: 'text/plain; charset=utf-8',
  body: '404 page not found\n',
}
