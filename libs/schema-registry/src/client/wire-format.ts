/** The bytes before each value: 0, and the id of the writer's schema in four bytes. */
export const headerBytes = 5;

/** Returns what stands before each value of the schema with this id. */
export function headerOf(id: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeInt32BE(id, 1);
  return header;
}

/** The id of the schema with which the bytes were written, or a sentence that says why there is none. */
export const schemaIdOf = (bytes: Buffer): number | string =>
  bytes.length < headerBytes || bytes[0] !== 0
    ? 'the bytes do not begin with 0 and the id of a schema, so no serializer of a registry wrote them'
    : bytes.readInt32BE(1);

/** How the name of the subject is made: of the topic, of the record's full name, or of both. */
export type SubjectName = 'topicName' | 'recordName' | 'topicRecordName';

export interface SubjectOptions {
  readonly topic: string;
  /** True for the keys of the topic. */
  readonly isKey?: boolean;
  readonly subjectName?: SubjectName;
}

/** The subject of a schema, by the full name of its record. */
export function subjectOf(
  { topic, isKey = false, subjectName = 'topicName' }: SubjectOptions,
  record: string,
): string {
  switch (subjectName) {
    case 'topicName':
      return `${topic}-${isKey ? 'key' : 'value'}`;
    case 'recordName':
      return record;
    case 'topicRecordName':
      return `${topic}-${record}`;
  }
}
