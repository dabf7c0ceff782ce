import { ClientError } from '@millrace/streaming-core/client';
import { pause, seconds, type Clock } from '@millrace/streaming-core/runtime';
import { forwardedUrl } from '@millrace/streaming-core/shared-state';
import { RegistryError } from '../errors.ts';
import type { SchemaStore } from '../store/schema-store.ts';

/** A request in the form in which it can be forwarded to the leader. */
export interface RawRequest {
  readonly method: string;
  /** The request line's target, which may name a host. */
  readonly url: string;
  readonly body: unknown;
  readonly authorization: string | undefined;
  /** True if another process has forwarded the request. */
  readonly isForwarded: boolean;
}

export interface LeaderAnswer {
  readonly status: number;
  readonly body: string;
}

/** Marks a forwarded request, so that two processes cannot forward it to each other forever. */
export const forwardHeader = 'x-forward';

const electionMsMax = seconds(15);
const leaderMsMax = seconds(30);
const lookEveryMs = 50;

/**
 * Lets the leader make a change: this process itself, or over HTTP the process that leads. Waits while the
 * processes elect a leader. Throws `RegistryError` with code 50003 if there is no leader or it does not
 * answer.
 */
export async function byLeader<Result>(
  store: Pick<SchemaStore, 'leads' | 'leaderUrl' | 'readToEnd'>,
  request: RawRequest,
  { clock, change }: { readonly clock: Clock; readonly change: () => Promise<Result> },
): Promise<Result | LeaderAnswer> {
  const deadline = clock.monotonic() + electionMsMax;
  for (;;) {
    const { leads, leaderUrl } = store;
    if (leads) {
      try {
        return await change();
      } catch (error) {
        if (!isDeposed(error)) throw error;
      }
    } else if (leaderUrl !== undefined && !request.isForwarded) {
      const answer = await forwarded(leaderUrl, request);
      if (answer) {
        await store.readToEnd(); // so that what this process answers next includes the change
        return answer;
      }
    }
    if (clock.monotonic() > deadline)
      throw new RegistryError('forwarding', 'No process of the registry leads at the moment: try again');
    await pause(clock, lookEveryMs);
  }
}

/** This process led when the request came, and has written nothing. */
const isDeposed = (error: unknown): boolean => error instanceof ClientError && error.kind === 'fenced';

/** Returns undefined if nobody listens at the address, for example because the leader has just ended. */
async function forwarded(leaderUrl: string, request: RawRequest): Promise<LeaderAnswer | undefined> {
  const { method, url, body, authorization } = request;
  try {
    const answer = await fetch(forwardedUrl(leaderUrl, url), {
      method,
      headers: {
        [forwardHeader]: 'true',
        ...(authorization !== undefined && { authorization }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(leaderMsMax),
    });
    return { status: answer.status, body: await answer.text() };
  } catch (cause) {
    if (codeOf((cause as Error).cause) === 'ECONNREFUSED') return undefined;
    const message = `The leader of the registry at ${leaderUrl} does not answer: ${(cause as Error).message}`;
    throw new RegistryError('forwarding', message, { cause });
  }
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
