import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { fieldOf, invalidRequest } from './invalid-request.ts';
import type { FieldError } from './problem.ts';
import { refuseUnacceptable } from './unacceptable.ts';

type StandardSchema = NonNullable<ArgumentMetadata['schema']>;
type Issue = {
  readonly message: string;
  readonly path?: readonly unknown[];
  readonly keys?: readonly string[];
};

/**
 * Validates what a controller declares with a schema, `@Body({ schema })`, `@Query({ schema })`, `@Param('id', { schema })`, and passes on
 * what the schema made of it. A refusal is a 400 `invalid_request` that names every field.
 */
export class ValidationPipe implements PipeTransform {
  async transform(value: unknown, { schema, data, type }: ArgumentMetadata): Promise<unknown> {
    if (schema === undefined) return value;
    refuseUnacceptable(value, data, type);
    const result = await validate(schema, value);
    if (result.issues !== undefined)
      throw invalidRequest(result.issues.flatMap((issue) => fieldErrors(issue, data, type)));
    return result.value;
  }
}

async function validate(
  schema: StandardSchema,
  value: unknown,
): Promise<{ value?: unknown; issues?: readonly Issue[] }> {
  // Fastify leaves an absent body undefined or null; a schema's own words about it would not name the body.
  return (await schema['~standard'].validate(value ?? {})) as { value?: unknown; issues?: readonly Issue[] };
}

/** zod reports unknown keys on their parent: here each one is named. */
function fieldErrors(issue: Issue, parameter: string | undefined, type: string): readonly FieldError[] {
  const path = issue.path ?? [];
  if (issue.keys === undefined) return [{ field: fieldOf(path, parameter, type), message: issue.message }];
  return issue.keys.map((key) => ({
    field: fieldOf([...path, key], parameter, type),
    message: 'is not known here',
  }));
}
