export { detect, type DetectOptions } from './cep/detect.ts';
export { begin, type Pattern } from './cep/pattern.ts';
export type { Condition, SoFar } from './cep/pattern-definition.ts';
