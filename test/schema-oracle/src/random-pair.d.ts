import type { SchemaPair } from './avro-java.ts';
/**
 * Draws a schema, and a second one that is the same with a few changes, so that most pairs differ
 * in one place. One in thirty texts is not a schema.
 */
export declare function randomPair(seed: number): SchemaPair;
