/**
 * Messages of the output plugin pgoutput, protocol version 1, with columns as text.
 * https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export type LogicalMessage =
  | { readonly kind: 'begin'; readonly commitLsn: bigint; readonly committedUs: bigint; readonly xid: number }
  | { readonly kind: 'commit'; readonly endLsn: bigint }
  | { readonly kind: 'relation'; readonly relation: Relation }
  | { readonly kind: 'insert'; readonly oid: number; readonly after: Tuple }
  | { readonly kind: 'update'; readonly oid: number; readonly before?: OldTuple; readonly after: Tuple }
  | { readonly kind: 'delete'; readonly oid: number; readonly before: OldTuple }
  | { readonly kind: 'truncate'; readonly oids: readonly number[] }
  | {
      readonly kind: 'message';
      readonly transactional: boolean;
      readonly prefix: string;
      readonly content: Buffer;
    }
  /** The origin of a transaction, or the name of a type: nothing that a record needs. */
  | { readonly kind: 'other' };

export interface Relation {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly RelationColumn[];
}

interface RelationColumn {
  readonly name: string;
  readonly typeOid: number;
  /** The modifier of the type, such as the scale of a numeric, or -1 without one. */
  readonly modifier: number;
  /** Whether the old row of a change contains the column. */
  readonly identifies: boolean;
}

/**
 * The columns of a row as text, in the order of the relation. Undefined stands for a large value
 * that the change has not touched, which PostgreSQL does not send.
 */
export type Tuple = readonly (string | null | undefined)[];

/** The old row, or only its key, in which every other column is null. */
export interface OldTuple {
  readonly whole: boolean;
  readonly columns: Tuple;
}

/** The microseconds from 1970 to 2000, where PostgreSQL's own clock begins. */
export const postgresEpochUs = 946_684_800_000_000n;

const letter = (text: string): number => text.charCodeAt(0);

/** Decodes one message. Throws if its bytes end too early. */
export function decodeMessage(bytes: Buffer): LogicalMessage {
  const reader = new Reader(bytes);
  const kind = reader.byte();
  switch (kind) {
    case letter('I'):
      return { kind: 'insert', oid: reader.insertHead(), after: reader.tuple() };
    case letter('U'):
      return reader.update();
    case letter('D'):
      return { kind: 'delete', oid: reader.int32(), before: reader.oldTuple(reader.byte()) };
    case letter('B'):
      return {
        kind: 'begin',
        commitLsn: reader.int64(),
        committedUs: reader.int64() + postgresEpochUs,
        xid: reader.int32(),
      };
    case letter('C'):
      reader.skip(1 + 8);
      return { kind: 'commit', endLsn: reader.int64() };
    case letter('R'):
      return { kind: 'relation', relation: reader.relation() };
    case letter('T'):
      return { kind: 'truncate', oids: reader.truncated() };
    case letter('M'):
      return reader.message();
    default:
      return { kind: 'other' };
  }
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes.readUInt8(this.#at);
    this.#at += 1;
    return value;
  }

  int16(): number {
    const value = this.#bytes.readUInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  /** Reads an unsigned integer, which object ids and transaction ids are. */
  int32(): number {
    const value = this.#bytes.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  int64(): bigint {
    const value = this.#bytes.readBigUInt64BE(this.#at);
    this.#at += 8;
    return value;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  /** Reads a text up to the zero byte that ends it. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new RangeError('a text of pgoutput has no end');
    const value = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return value;
  }

  insertHead(): number {
    const oid = this.int32();
    this.skip(1); // N
    return oid;
  }

  update(): LogicalMessage {
    const oid = this.int32();
    const first = this.byte();
    if (first === letter('N')) return { kind: 'update', oid, after: this.tuple() };
    const before = this.oldTuple(first);
    this.skip(1); // N
    return { kind: 'update', oid, before, after: this.tuple() };
  }

  oldTuple(marker: number): OldTuple {
    return { whole: marker === letter('O'), columns: this.tuple() };
  }

  tuple(): Tuple {
    const count = this.int16();
    const columns: (string | null | undefined)[] = new Array(count);
    for (let index = 0; index < count; index += 1) columns[index] = this.column();
    return columns;
  }

  column(): string | null | undefined {
    const kind = this.byte();
    if (kind === letter('n')) return null;
    if (kind === letter('u')) return undefined;
    const start = this.#at + 4;
    const end = start + this.#bytes.readInt32BE(this.#at);
    if (end > this.#bytes.length) throw new RangeError('a column of pgoutput is cut off');
    this.#at = end;
    return this.#bytes.toString('utf8', start, end);
  }

  relation(): Relation {
    const oid = this.int32();
    const schema = this.text() || 'pg_catalog';
    const table = this.text();
    this.skip(1); // the replica identity, which the catalog tells too
    const columns = Array.from({ length: this.int16() }, () => {
      const identifies = (this.byte() & 1) === 1;
      return { name: this.text(), typeOid: this.int32(), modifier: this.int32() | 0, identifies };
    });
    return { oid, schema, table, columns };
  }

  truncated(): readonly number[] {
    const count = this.int32();
    this.skip(1);
    return Array.from({ length: count }, () => this.int32());
  }

  message(): LogicalMessage {
    const transactional = (this.byte() & 1) === 1;
    this.skip(8);
    const prefix = this.text();
    const length = this.int32();
    const content = Buffer.from(this.#bytes.subarray(this.#at, this.#at + length));
    return { kind: 'message', transactional, prefix, content };
  }
}
