import { ClientError, type Admin } from '@millrace/streaming-core/client';
import { seconds } from '@millrace/streaming-core/runtime';
import { StreamsError } from './streams-error.ts';
import type { StreamsSettings } from './streams-options.ts';

const firstNoticeMs = seconds(1);
const noticeMs = seconds(5);
const limitMs = seconds(15);

/**
 * Resolves once a broker answers, and logs until then what it waits for. Rejects with `unreachable`
 * after 15 s, and at once if waiting cannot help or the application is closed.
 */
export async function waitForBroker(
  admin: Pick<Admin, 'waitUntilReachable'>,
  { bootstrapServers, clock, logger }: Pick<StreamsSettings, 'bootstrapServers' | 'clock' | 'logger'>,
  closing: AbortSignal,
): Promise<void> {
  const closed = Promise.withResolvers<never>();
  const onClosing = () => closed.reject(new StreamsError('not_running', 'the application was closed'));
  closing.addEventListener('abort', onClosing, { once: true });
  const beganMs = clock.monotonic();
  let cancel = (): void => undefined;
  const noticeAfter = (spanMs: number): void => {
    cancel = clock.after(spanMs, () => {
      const waitedMs = Math.round(clock.monotonic() - beganMs);
      logger.warn({ bootstrapServers, waitedMs, limitMs }, 'waiting for a broker of bootstrapServers');
      noticeAfter(noticeMs);
    });
  };
  noticeAfter(firstNoticeMs);
  try {
    await Promise.race([admin.waitUntilReachable(limitMs), closed.promise]);
  } catch (error) {
    throw isSilence(error) ? unreachable(bootstrapServers, error) : error;
  } finally {
    cancel();
    closing.removeEventListener('abort', onClosing);
  }
}

const silences: ReadonlySet<string> = new Set(['unreachable', 'timeout']);

const isSilence = (error: unknown): error is ClientError =>
  error instanceof ClientError && silences.has(error.code);

const unreachable = (bootstrapServers: readonly string[], cause: ClientError) =>
  new StreamsError(
    'unreachable',
    `no broker of bootstrapServers ${bootstrapServers.join(', ')} answered within ${limitMs} ms: ` +
      `start one, or correct bootstrapServers (${cause.message})`,
    { cause },
  );
