import {
  jsonDifferences,
  parseJsonSchema,
  type JsonDifference,
} from '@millrace/schema-registry/compatibility';
import type { MessageSchemas } from './message-schemas.ts';

export interface ContractChanges {
  /** Changes after which readers of this release could not read what was or is written. */
  readonly refused: readonly string[];
  /** Changes that readers of the last release do not know, so that writers have to wait for them. */
  readonly readersFirst: readonly string[];
}

/**
 * Compares the messages with those of the last release. A reader of this release has to read all
 * that the topics hold and that writers of the last release send while both run.
 */
export function compareContracts(released: MessageSchemas, present: MessageSchemas): ContractChanges {
  const refused: string[] = [];
  const readersFirst: string[] = [];
  for (const [name, before] of Object.entries(released)) {
    const now = present[name];
    if (now === undefined) {
      refused.push(
        `${name}: is gone, but topics hold it and writers of the last release send it. ` +
          'Keep the type until no topic and no running release has it',
      );
      continue;
    }
    for (const found of differences(now, before))
      refused.push(`${name}: ${fieldOf(found)}: ${found.description}. ${remedyFor(found)}`);
    for (const found of differences(before, now))
      readersFirst.push(
        `${name}: ${fieldOf(found)}: readers of the last release refuse what is new here ` +
          `(${found.description}). Send it only when every reader runs this release`,
      );
  }
  return { refused, readersFirst };
}

const parsed = (schema: object) => parseJsonSchema(JSON.stringify(schema), []).schema;

const differences = (reader: object, writer: object): readonly JsonDifference[] =>
  jsonDifferences(parsed(reader), parsed(writer));

/** Such as `lines[].sku`, for the path `#/properties/lines/items/properties/sku/maxLength`. */
function fieldOf({ path }: JsonDifference): string {
  const parts = path.split('/').slice(1);
  let field = '';
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at];
    if (part === 'items') field += '[]';
    else if (part === 'properties' || part === 'required') {
      at += 1;
      field += `${field === '' ? '' : '.'}${parts[at]}`;
    }
  }
  return field || 'the message';
}

function remedyFor({ type }: JsonDifference): string {
  if (type.startsWith('REQUIRED_'))
    return 'Make it optional, and require it once no topic and no running release has messages without it';
  if (type.startsWith('PROPERTY_REMOVED'))
    return 'Keep it as an optional field until no topic and no running release has it';
  return 'Take what was valid before as well, or declare a new message type for the new form';
}
