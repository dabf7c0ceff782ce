import {
  keysOfSealed,
  openFields,
  PersonalDataError,
  type LoadedKeys,
  type PersonalData,
} from '../../personal/index.ts';
import type { Message } from '../../contract/index.ts';
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
 * while the keys are unreachable, which is no fault of a message. A message whose fields were erased
 * has nothing left to handle. One whose fields do not open becomes a dead letter. One whose key is
 * lost fails when it is handled: it is parked, since a backup of the keys may still have its key.
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
    if (error.code !== 'key_missing') throw error;
    const failing = { message: handler.message, handle: () => Promise.reject(error) };
    return { kind: 'handle', record, handler: failing, message: json as Message, context };
  }
}
