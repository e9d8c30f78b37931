// Answers every request with the name of the pod that it runs in.
const http = require('node:http')
const os = require('node:os')

const name = process.env.HOSTNAME || os.hostname()

const server = http.createServer((request, response) => {
  console.log(`Received request from ${request.socket.remoteAddress}`)
  response.end(`You've hit ${name}\n`)
})

server.listen(8080, () => console.log('Kubia server starting...'))
