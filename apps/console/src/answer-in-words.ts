import { z } from 'zod';

/**
 * The answer of a route in the document at `/docs`. Only the page reads it, by the types in `src/api`,
 * so the document has no schema of it.
 */
export const inWords = (words: string): z.ZodType => z.unknown().describe(words);
