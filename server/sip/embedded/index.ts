export { EmbeddedStack } from './embedded-stack.ts'
