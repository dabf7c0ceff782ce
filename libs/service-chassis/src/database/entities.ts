import type { DataSource, EntityTarget, ObjectLiteral, Repository } from 'typeorm';
import { requestTransaction } from './request-transaction.ts';
import { entityManagerOf } from './typeorm-database.ts';
import { token } from '../ground/provide.ts';

/**
 * Gives controllers access to rows: in the transaction of their request if it has one, otherwise
 * straight from the pool.
 */
export interface Entities {
  of<Row extends ObjectLiteral>(entity: EntityTarget<Row>): Repository<Row>;
}

export const ENTITIES = token<Entities>('Entities');

export const entitiesOf = (source: DataSource): Entities => ({
  of(entity) {
    const open = requestTransaction();
    return (open === undefined ? source.manager : entityManagerOf(open.transaction)).getRepository(entity);
  },
});
