import { textOf } from '@millrace/operations/client';
import type { FetchedRecord } from '@millrace/streaming-core/client';

/** What a message must have to be shown. Absent fields fit every message. */
export interface MessageFilter {
  readonly key?: string | undefined;
  readonly type?: string | undefined;
  readonly correlationId?: string | undefined;
  /** A part of the value, in upper or lower case. */
  readonly text?: string | undefined;
}

/**
 * Returns whether an entry fits. Asks the cheap questions first, since most records do not fit. A
 * transaction marker fits only if nothing is asked of a content.
 */
export function filterOf(filter: MessageFilter): (entry: { readonly record?: FetchedRecord }) => boolean {
  const { key, type, correlationId } = filter;
  const text = filter.text?.toLowerCase();
  const isAnything = [key, type, correlationId, text].every((wanted) => wanted === undefined);
  return ({ record }) =>
    isAnything ||
    (record !== undefined &&
      (key === undefined || (record.key !== null && textOf(record.key) === key)) &&
      (correlationId === undefined || record.headers.get('ce_correlationid') === correlationId) &&
      (type === undefined || typeOf(record) === type) &&
      (text === undefined || record.value?.toString('utf8').toLowerCase().includes(text) === true));
}

/** A value that is no event by its headers may still name its type. Larger ones are not parsed for it. */
const parsedBytesMax = 64 * 1024;
const openingBrace = '{'.charCodeAt(0);

/** The type of an event: from its header, or else the field `type` of its value. */
export function typeOf({ headers, value }: Pick<FetchedRecord, 'headers' | 'value'>): string | null {
  const named = headers.get('ce_type');
  if (named !== undefined) return named;
  if (value === null || value[0] !== openingBrace || value.length > parsedBytesMax) return null;
  try {
    const { type } = JSON.parse(value.toString('utf8')) as { readonly type?: unknown };
    return typeof type === 'string' ? type : null;
  } catch {
    return null;
  }
}
