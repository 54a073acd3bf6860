export { boundHttpServer, defaultHttpBounds, type HttpBounds } from './bounded-server.ts'
export { KeptText } from './kept-text.ts'
