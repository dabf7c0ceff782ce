import { beforeAll, describe, expect, it } from '@jest/globals';
import { kafkaMessageSchemas, type KafkaField, type KafkaMessageSchema } from '@millrace/testing/kafka';
import { type Api, zeroUuid, type Struct } from './schema.ts';
import { knownApis } from './known-apis.ts';
import { type Field, type Fields, type Shape, includes, versions, type VersionRange } from './codec.ts';

/** A field in one version, in a form that both our schemas and Kafka's are converted to. */
interface Line {
  readonly path: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly tag: number | undefined;
  /**
   * The default where the field is missing. Undefined for a field that is never missing, since
   * encoders may have different defaults for it.
   */
  readonly absent: unknown;
}

/** A struct within a message, and the versions that have it. */
interface Place {
  readonly prefix: string;
  readonly range: VersionRange;
  readonly version: number;
}

let schemas: ReadonlyMap<string, KafkaMessageSchema>;
beforeAll(async () => {
  schemas = await kafkaMessageSchemas();
});

function kafkas(name: string): KafkaMessageSchema {
  const schema = schemas.get(name);
  if (schema === undefined) throw new Error(`Apache Kafka has no ${name}`);
  return schema;
}

/** The versions that a broker serves by default, which leaves out an unstable one. */
function answered({ validVersions, latestVersionUnstable }: KafkaMessageSchema): VersionRange {
  const { min, max } = versions(validVersions);
  return { min, max: latestVersionUnstable ? max - 1 : max };
}

const common = (a: VersionRange, b: VersionRange): VersionRange => ({
  min: Math.max(a.min, b.min),
  max: Math.min(a.max, b.max),
});
const covers = (outer: VersionRange, inner: VersionRange): boolean =>
  outer.min <= inner.min && outer.max >= inner.max;

function ourLines(fields: Fields, place: Place): readonly Line[] {
  return Object.entries(fields).flatMap(([name, field]): readonly Line[] => {
    if (!includes(field.versions, place.version)) return [];
    const path = `${place.prefix}${name}`;
    const canBeMissing = field.tag !== undefined || !covers(field.versions, place.range);
    const line = {
      path,
      type: typeOf(field.shape),
      nullable: includes(field.nullable, place.version),
      tag: field.tag,
      absent: canBeMissing ? ourDefault(field) : undefined,
    };
    const inside = { ...place, prefix: `${path}.`, range: common(place.range, field.versions) };
    return [line, ...ourLines(fieldsIn(field.shape), inside)];
  });
}

const typeOf = (shape: Shape): string => (shape.kind === 'array' ? `[]${typeOf(shape.item)}` : shape.kind);
const fieldsIn = (shape: Shape): Fields =>
  shape.kind === 'array' ? fieldsIn(shape.item) : shape.kind === 'object' ? shape.fields : {};

function ourDefault({ shape, absent }: Field): unknown {
  if (shape.kind === 'object' && absent !== null) return 'the defaults of its fields';
  return Buffer.isBuffer(absent) || Array.isArray(absent) ? 'empty' : absent;
}

function kafkasLines(schema: KafkaMessageSchema, at: Place): readonly Line[] {
  const structs = new Map(schema.commonStructs?.map(({ name, fields }) => [name, fields]));
  const lines = (fields: readonly KafkaField[], place: Place): readonly Line[] =>
    fields.flatMap((field): readonly Line[] => {
      const range = versions(field.versions);
      if (!includes(range, place.version)) return [];
      const path = `${place.prefix}${field.name.slice(0, 1).toLowerCase()}${field.name.slice(1)}`;
      const item = field.type.replace('[]', '');
      const inner = field.fields ?? structs.get(item);
      const type =
        inner === undefined ? field.type.replace('records', 'bytes') : field.type.replace(item, 'object');
      const canBeMissing = field.tag !== undefined || !covers(range, place.range);
      const line = {
        path,
        type,
        nullable: includes(versions(field.nullableVersions ?? 'none'), place.version),
        tag: field.tag,
        absent: canBeMissing ? kafkasDefault(field, type) : undefined,
      };
      return [
        line,
        ...lines(inner ?? [], { ...place, prefix: `${path}.`, range: common(place.range, range) }),
      ];
    });
  return lines(schema.fields, at);
}

const defaults: Readonly<Record<string, unknown>> = {
  string: '',
  bytes: 'empty',
  bool: false,
  int64: 0n,
  uuid: zeroUuid,
  object: 'the defaults of its fields',
};

function kafkasDefault({ default: given }: KafkaField, type: string): unknown {
  if (given === 'null') return null;
  if (type.startsWith('[]')) return 'empty';
  if (given === undefined) return type in defaults ? defaults[type] : 0;
  if (type === 'int64') return BigInt(given);
  if (type === 'bool') return String(given) === 'true';
  return type === 'string' ? given : Number(given);
}

const versionsOf = ({ versions: { min, max } }: Api): readonly number[] =>
  Array.from({ length: max - min + 1 }, (_, index) => min + index);

describe.each(knownApis)('$name', (api) => {
  it('has the key and the versions of Apache Kafka', () => {
    const kafka = kafkas(api.request.name);
    expect(api.key).toBe(kafka.apiKey);
    expect(api.versions).toEqual(answered(kafka));
  });

  it.each([api.request, api.response] as readonly Struct[])(
    'L55 $name has the fields of Apache Kafka in each version',
    (struct) => {
      const kafka = kafkas(struct.name);
      for (const version of versionsOf(api)) {
        const place = { prefix: '', range: api.versions, version };
        expect(struct.isFlexible(version)).toBe(includes(versions(kafka.flexibleVersions), version));
        expect({ version, lines: ourLines(struct.fields, place) }).toEqual({
          version,
          lines: kafkasLines(kafka, place),
        });
      }
    },
  );
});
