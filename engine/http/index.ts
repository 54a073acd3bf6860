export {
  boundHttpServer,
  defaultHttpBounds,
  httpCutOffs,
  sourceOf,
  type HttpBounds,
  type HttpCutOff,
} from './bounded-server.ts'
export { type AgedText, KeptText } from './kept-text.ts'
