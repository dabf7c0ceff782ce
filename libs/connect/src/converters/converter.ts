import type { ConnectConfig, ConnectSetting } from '../plugin/setting.ts';
import type { ConnectSchema } from '../record/connect-schema.ts';
import type { Data } from '../record/records.ts';

export type MaybePromise<Result> = Result | Promise<Result>;

/**
 * Converts data to bytes and back, for keys, values or headers. Throws `DataError` if it cannot convert
 * something. It converts a null without a schema to null bytes, so that tombstones stay tombstones.
 */
export interface Converter {
  toBytes(topic: string, data: Data): MaybePromise<Buffer | null>;
  toData(topic: string, bytes: Buffer | null): MaybePromise<Data>;
}

/** A kind of converter, which `key.converter`, `value.converter` or `header.converter` names. */
export interface ConverterKind {
  readonly class: string;
  readonly settings: readonly ConnectSetting[];
  /** Settings of Kafka's converter that have no effect here. */
  readonly ignored?: readonly string[];
  /** `config` has the converter's own settings without their prefix, and every default. */
  readonly create: (config: ConnectConfig, isKey: boolean) => Converter;
}

export const optionalString: ConnectSchema = Object.freeze({ type: 'string', optional: true });
export const optionalBytes: ConnectSchema = Object.freeze({ type: 'bytes', optional: true });
export const noData: Data = Object.freeze({ value: null });

/** Remembers up to `entriesMax` results, and then forgets the oldest. */
export function remembered<Key, Result>(
  make: (key: Key) => Result,
  entriesMax = 1_000,
): (key: Key) => Result {
  const known = new Map<Key, Result>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(key);
    if (known.size >= entriesMax) known.delete(known.keys().next().value as Key);
    known.set(key, made);
    return made;
  };
}
