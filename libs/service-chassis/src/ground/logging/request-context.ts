import { AsyncLocalStorage } from 'node:async_hooks';
import type { TraceContext } from '@millrace/streaming-core/contract';

/** The origin that log lines and the metadata of events carry. */
export interface RequestContext extends TraceContext {
  readonly correlationId: string;
  /** The id of the current request or message. */
  readonly causationId: string;
  /** The actor of the request, once it is known. */
  readonly actor?: string;
  /** Further fields of each log line: the subject that the service declares. */
  readonly logFields?: Readonly<Record<string, string>>;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Returns the context of the current request or message, or undefined outside of both. */
export const currentContext = (): RequestContext | undefined => storage.getStore();

export const runInContext = <Result>(context: RequestContext, work: () => Result): Result =>
  storage.run(context, work);

/**
 * The field that a service's log lines carry, such as the id of a case. Its value comes from the
 * current message, or from the path of the request. A service declares it once, where it starts.
 */
export type LogSubject = string | undefined;

/**
 * Returns the subject's name and value for the request context, or nothing if `source` does not
 * have it.
 */
export function subjectOf(
  subject: LogSubject,
  source: Readonly<Record<string, unknown>>,
): { readonly logFields?: Readonly<Record<string, string>> } {
  if (subject === undefined) return {};
  const value = source[subject];
  return typeof value === 'string' ? { logFields: { [subject]: value } } : {};
}
