export { given, type Then, type When } from './given-when-then.ts';
