import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { jsonConverter } from '../../../converters/json-converter.ts';
import { CaptureWorld } from '../capture.fixture.ts';

/**
 * The records that Debezium wrote for the same rows. `rows` are texts, because some numbers are too large for
 * JavaScript.
 */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'debezium.golden.json'), 'utf8')) as {
  readonly statements: readonly string[];
  readonly changes: readonly string[];
  readonly cases: readonly {
    readonly settings: Readonly<Record<string, string>>;
    readonly schema: readonly object[];
    readonly rows: readonly string[];
  }[];
};
const converter = jsonConverter.create(
  { 'schemas.enable': 'true', 'decimal.format': 'BASE64', 'replace.null.with.default': 'true' },
  false,
);

describe('the types of PostgreSQL', () => {
  let world: CaptureWorld;
  afterEach(() => world.close(), 60_000);

  it.each(golden.cases)(
    'U04 have the schemas and values that Debezium 3.5.0 gives them, with $settings',
    async ({ settings, schema, rows }) => {
      world = await CaptureWorld.open(...golden.statements);
      const run = await world.run(settings);
      await run.streaming();
      for (const change of golden.changes) await world.sql(change);
      await run.until(rows.length);

      const texts = await Promise.all(
        run.records.map(async ({ topic, value }) => String(await converter.toBytes(topic, value))),
      );

      const { fields } = (
        JSON.parse(texts[0]!) as { schema: { fields: { field: string; fields: object[] }[] } }
      ).schema;
      expect(fields.find(({ field }) => field === 'after')!.fields).toEqual(schema);
      expect(texts.map((text) => exact(/"after":(\{.*\}),"source":/s.exec(text)![1]!))).toEqual(
        rows.map(exact),
      );
    },
    90_000,
  );
});

/** Parses JSON with its integers as texts. */
const exact = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' && Number.isInteger(value) ? context?.source : value,
  );
