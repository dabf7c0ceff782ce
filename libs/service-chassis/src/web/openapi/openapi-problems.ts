import { z } from 'zod';
import type { Json } from './json-schema.ts';

export const problemSchema = z
  .looseObject({
    type: z.string().describe('/problems/CODE, a page that explains the code'),
    title: z.string(),
    status: z.number().int().min(400).max(599),
    code: z.string().describe('Stable, for use by programs'),
    detail: z.string().optional(),
    instance: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .describe('RFC 9457 problem details; a problem may have further fields');

export type CodesByStatus = Readonly<Record<number, readonly string[]>>;

/** Builds one response per status, with all codes that it can carry. */
export function problems(...reasons: readonly CodesByStatus[]): Json {
  const codes = new Map<string, string[]>();
  for (const [status, more] of reasons.flatMap((each) => Object.entries(each)))
    codes.set(status, [...(codes.get(status) ?? []), ...more]);
  return Object.fromEntries(
    [...codes].map(([status, all]) => [status, problemResponse(Number(status), all)]),
  );
}

/** The codes are part of the interface: this call answers only with the codes that are listed. */
function problemResponse(status: number, codes: readonly string[]): Json {
  const [code = 'internal_error'] = codes;
  return {
    description: codes.map((each) => `\`${each}\``).join(', '),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { properties: { code: { enum: [...new Set(codes)] } } },
          ],
        },
        example: { type: `/problems/${code}`, title: sentenceOf(code), status, code },
      },
    },
  };
}

/** Shows what a title looks like: `unknown_order` becomes "Unknown order". */
const sentenceOf = (code: string): string =>
  (code.charAt(0).toUpperCase() + code.slice(1)).replaceAll('_', ' ');
