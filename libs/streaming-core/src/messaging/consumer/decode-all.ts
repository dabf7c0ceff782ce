import {
  keysOfSealed,
  openFields,
  PersonalDataError,
  type LoadedKeys,
  type PersonalData,
} from '../../personal/index.ts';
import type { ConsumedRecord } from '../../client/index.ts';
import { BlockedError } from './consumer-error.ts';
import { dead, decode, malformed, validated, type Decoded, type SealedRecord } from './decode.ts';
import type { HandlerTable } from './handler-table.ts';

export interface Decoding {
  readonly handlers: HandlerTable;
  /** Opens messages with personal data. Required if a handler's message can have some. */
  readonly personalData?: PersonalData;
}

/**
 * Decodes a batch and opens the personal fields of its messages, with one call for all keys. Rejects
 * with errors that are no fault of a message: the keys are unreachable, or one is lost. A message
 * whose fields were erased has nothing left to handle. One whose fields do not open becomes a dead
 * letter.
 */
export async function decodeAll(
  records: readonly ConsumedRecord[],
  { handlers, personalData }: Decoding,
): Promise<readonly Decoded[]> {
  const items = records.map((record) => decode(record, handlers));
  const sealed = items.filter((item) => item.kind === 'sealed');
  if (sealed.length === 0) return items.filter((item) => item.kind !== 'sealed');
  if (personalData === undefined)
    throw new BlockedError(
      'a message has sealed personal data, and this consumer has no keys: give it the option personalData',
    );
  const keys = await personalData.keysToOpen(
    sealed.flatMap(({ holder, fields }) => keysOfSealed(holder, fields)),
  );
  return items.map((item) => (item.kind === 'sealed' ? opened(item, keys) : item));
}

function opened(item: SealedRecord, keys: LoadedKeys): Decoded {
  const { record, handler, context, json, holder, fields } = item;
  try {
    const plain = openFields(keys, holder, context.id, json, fields);
    if (plain === undefined) return { kind: 'erased', record, context };
    return { kind: 'handle', record, handler, message: validated(handler, plain), context };
  } catch (error) {
    if (!(error instanceof PersonalDataError)) return dead(record, error);
    if (error.code === 'unreadable') return dead(record, malformed(error.message, error));
    throw error;
  }
}
