import { InvalidSchema } from '../errors.ts';
import type {
  AvroEnum,
  AvroField,
  AvroFixed,
  AvroRecord,
  AvroSchema,
  AvroUnion,
  NamedAvroSchema,
} from './avro-schema.ts';

/** The names of Avro Java's `SchemaIncompatibilityType`. */
type IncompatibilityType =
  | 'NAME_MISMATCH'
  | 'FIXED_SIZE_MISMATCH'
  | 'MISSING_ENUM_SYMBOLS'
  | 'READER_FIELD_MISSING_DEFAULT_VALUE'
  | 'TYPE_MISMATCH'
  | 'MISSING_UNION_BRANCH';

/** A place where the reader's schema cannot read what the writer's has written. */
export interface Incompatibility {
  readonly type: IncompatibilityType;
  /** The place in the reader's schema, as a JSON pointer. */
  readonly location: string;
  readonly message: string;
}

/** The other primitive types whose values a type can read. */
const promotions: Readonly<Partial<Record<AvroSchema['type'], readonly AvroSchema['type'][]>>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
};

/**
 * Finds everything in `reader` that cannot read data of `writer`. It follows the rules of schema resolution
 * in the Avro specification, and gives the results of `SchemaCompatibility` of Avro Java 1.12. If the list is
 * empty, the reader can read all data. Throws `InvalidSchema` if an alias is ambiguous.
 */
export const readable = (reader: AvroSchema, writer: AvroSchema): readonly Incompatibility[] =>
  new Comparison().of(reader, writer, []);

type Location = readonly string[];
type Found = readonly Incompatibility[];

class Comparison {
  /** The result of each pair. While a pair is being compared it counts as readable, which ends recursion. */
  readonly #known = new Map<AvroSchema, Map<AvroSchema, Found>>();

  of(reader: AvroSchema, writer: AvroSchema, location: Location): Found {
    const ofReader = this.#known.get(reader) ?? new Map<AvroSchema, Found>();
    this.#known.set(reader, ofReader);
    const known = ofReader.get(writer);
    if (known) return known;
    ofReader.set(writer, []);
    const found = this.#compare(reader, writer, location);
    ofReader.set(writer, found);
    return found;
  }

  #compare(reader: AvroSchema, writer: AvroSchema, location: Location): Found {
    if (reader.type === 'union' && writer.type === 'union') return this.#unions(reader, writer, location);
    if (writer.type === 'union')
      return writer.branches.flatMap((each, index) => this.of(reader, each, [...location, String(index)]));
    if (reader.type === 'union') return this.#branch(reader, writer, location);
    if (reader.type === 'record' && writer.type === 'record')
      return [...names(reader, writer, location), ...this.#fields(reader, writer, location)];
    if (reader.type === 'enum' && writer.type === 'enum')
      return [...names(reader, writer, location), ...symbols(reader, writer, location)];
    if (reader.type === 'fixed' && writer.type === 'fixed')
      return [...names(reader, writer, location), ...sizes(reader, writer, location)];
    if (reader.type === 'array' && writer.type === 'array')
      return this.of(reader.items, writer.items, [...location, 'items']);
    if (reader.type === 'map' && writer.type === 'map')
      return this.of(reader.values, writer.values, [...location, 'values']);
    if (reader.type === writer.type || promotions[reader.type]?.includes(writer.type)) return [];
    const message = `reader type: ${upper(reader)} not compatible with writer type: ${upper(writer)}`;
    return [found('TYPE_MISMATCH', location, message)];
  }

  #unions(reader: AvroUnion, writer: AvroUnion, location: Location): Found {
    return writer.branches.flatMap((branch, index) => {
      const at = [...location, String(index)];
      return this.of(reader, branch, at).length > 0 ? [lacking(branch, at)] : [];
    });
  }

  #branch(reader: AvroUnion, writer: AvroSchema, location: Location): Found {
    // Avro Java begins places anew at a branch. The place shows where another part compares the same two types.
    const fits = reader.branches.some((branch) => this.of(branch, writer, []).length === 0);
    return fits ? [] : [lacking(writer, location)];
  }

  #fields(reader: AvroRecord, writer: AvroRecord, location: Location): Found {
    return reader.fields.flatMap((field, index) => {
      const at = [...location, 'fields', String(index)];
      const written = writtenField(field, writer);
      if (written) return this.of(field.schema, written.schema, [...at, 'type']);
      if (field.defaultValue) return [];
      // Avro Java compares an enum that has a default with the whole record in this case.
      if (field.schema.type === 'enum' && field.schema.defaultSymbol !== undefined)
        return this.of(field.schema, writer, [...at, 'type']);
      return [found('READER_FIELD_MISSING_DEFAULT_VALUE', at, field.name)];
    });
  }
}

/** Throws `InvalidSchema` if a field's name and aliases match several fields of the writer. */
function writtenField({ name, aliases }: AvroField, writer: AvroRecord): AvroField | undefined {
  const [first, ...others] = [name, ...aliases].flatMap((each) =>
    writer.fields.filter((field) => field.name === each),
  );
  if (others.length > 0)
    throw new InvalidSchema(
      `the field ${name} of ${writer.name.full} has aliases that name several fields of the other schema`,
    );
  return first;
}

/** Compares names without namespaces, as Avro Java does. */
function names(reader: NamedAvroSchema, writer: NamedAvroSchema, location: Location): Found {
  const isSame = reader.name.name === writer.name.name;
  if (isSame || reader.aliases.some(({ full }) => full === writer.name.full)) return [];
  return [found('NAME_MISMATCH', [...location, 'name'], `expected: ${writer.name.full}`)];
}

function symbols(reader: AvroEnum, writer: AvroEnum, location: Location): Found {
  const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
  if (missing.length === 0 || reader.defaultSymbol !== undefined) return [];
  return [found('MISSING_ENUM_SYMBOLS', [...location, 'symbols'], `[${missing.sort().join(', ')}]`)];
}

function sizes(reader: AvroFixed, writer: AvroFixed, location: Location): Found {
  if (reader.size === writer.size) return [];
  const message = `expected: ${writer.size}, found: ${reader.size}`;
  return [found('FIXED_SIZE_MISMATCH', [...location, 'size'], message)];
}

const found = (type: IncompatibilityType, location: Location, message: string): Incompatibility => ({
  type,
  location: `/${location.join('/')}`,
  message,
});

const lacking = (writer: AvroSchema, location: Location): Incompatibility =>
  found('MISSING_UNION_BRANCH', location, `reader union lacking writer type: ${upper(writer)}`);

const upper = ({ type }: AvroSchema): string => type.toUpperCase();
