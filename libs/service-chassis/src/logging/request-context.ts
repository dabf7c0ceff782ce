import { AsyncLocalStorage } from 'node:async_hooks';
import type { TraceContext } from '@millrace/streaming-core/contract';

/** What a log line and an event's metadata say about where they come from. */
export interface RequestContext extends TraceContext {
  readonly correlationId: string;
  /** Id of the request or of the message that is being handled. */
  readonly causationId: string;
  /** What each log line carries besides: the subject that the service declares. */
  readonly logFields?: Readonly<Record<string, string>>;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The context of the request or message that is running now; undefined outside of both. */
export const currentContext = (): RequestContext | undefined => storage.getStore();

export const runInContext = <Result>(context: RequestContext, work: () => Result): Result =>
  storage.run(context, work);
