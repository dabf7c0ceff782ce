import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { token } from '../ground/provide.ts';

/**
 * The service's `SqlDatabase`. Its commits are announced on `COMMITS`, and hand calls and messages
 * directly to the workers there. Within a request's transaction, its statements join that
 * transaction.
 *
 * @example
 * ```ts
 * import { Inject, Injectable } from '@nestjs/common';
 * import { DATABASE } from '@millrace/service-chassis/service';
 * import type { SqlDatabase } from '@millrace/streaming-core/postgres';
 *
 * @Injectable()
 * export class Doors {
 *   constructor(@Inject(DATABASE) private readonly database: SqlDatabase) {}
 *
 *   count = async () => (await this.database.query('SELECT count(*) FROM door')).rows;
 * }
 * ```
 */
export const DATABASE = token<SqlDatabase>('SqlDatabase');
/**
 * The same pool for workers that poll the database, such as the relay. Their commits wake no
 * worker.
 */
export const QUIET_DATABASE = token<SqlDatabase>('SqlDatabase without announcements');
