import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { MessageSchemas } from './message-schemas.ts';

const file = join(import.meta.dirname, '../../../records/released-contracts.json');

/** The messages of the last release, as `--record` wrote them. */
export const releasedSchemas = (): MessageSchemas =>
  z.record(z.string(), z.looseObject({})).parse(JSON.parse(readFileSync(file, 'utf8')));

/** One line for each message, so that a change is one line of a diff. */
export function recordReleased(schemas: MessageSchemas): void {
  const lines = Object.entries(schemas).map(
    ([name, schema]) => `  ${JSON.stringify(name)}: ${JSON.stringify(schema)}`,
  );
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
}
