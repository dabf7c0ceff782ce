import { ConnectError } from '../../plugin/connect-error.ts';
import type { SettingError } from '../../plugin/setting.ts';
import { PostgresSession, sqlStateOf } from './postgres-session.ts';
import type { JdbcSinkOptions } from './sink-options.ts';

/** Returns the setting that keeps the sink from its database. Throws if the database does not answer. */
export async function databaseProblems(
  { database, requestTimeoutMs }: JdbcSinkOptions,
  userSetting: string,
  signal: AbortSignal,
): Promise<readonly SettingError[]> {
  const session = new PostgresSession(database, requestTimeoutMs);
  const abort = () => session.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await session.query('SELECT');
    return [];
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    const isAboutUser = /^28/.test(sqlStateOf(error.cause) ?? '');
    return [{ setting: isAboutUser ? userSetting : 'connection.url', message: error.message }];
  } finally {
    signal.removeEventListener('abort', abort);
    session.close();
  }
}
