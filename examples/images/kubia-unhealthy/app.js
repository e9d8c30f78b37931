// Serves five requests, then answers every further one with an error: what a liveness probe is for.
const http = require('node:http')
const os = require('node:os')

const HEALTHY_REQUESTS = 5
const name = process.env.HOSTNAME || os.hostname()
let requests = 0

const server = http.createServer((request, response) => {
  requests += 1
  console.log(`Received request ${requests} from ${request.socket.remoteAddress}`)
  if (requests > HEALTHY_REQUESTS) {
    response.writeHead(500)
    response.end("I'm not well. Please restart me!\n")
    return
  }
  response.end(`You've hit ${name}\n`)
})

server.listen(8080, () => console.log('Kubia server starting...'))
