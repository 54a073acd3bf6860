export {
  boundHttpServer,
  defaultHttpBounds,
  httpCutOffs,
  sourceOf,
  type HttpBounds,
  type HttpCutOff,
} from './bounded-server.ts'
export { KeptText } from './kept-text.ts'
