export { paintFor, type Paint } from './paint.ts'
export { welcome, type Output } from './welcome.ts'
