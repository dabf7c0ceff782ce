import {
  checkServices as checkDatabases,
  databasesOn,
  query as queryDatabase,
  readBooks as readDatabases,
  type Books,
  type ServiceViolation,
} from '@millrace/books';
import type { ServiceName, StackPlaces } from '../stack/spawn-stack.ts';

type Places = Pick<StackPlaces, 'postgresUrl'>;

export const readBooks = ({ postgresUrl }: Places): Promise<Books> => readDatabases(databasesOn(postgresUrl));

export const checkServices = ({ postgresUrl }: Places, books: Books): Promise<readonly ServiceViolation[]> =>
  checkDatabases(databasesOn(postgresUrl), books);

/** Runs a query on a separate connection. */
export const query = (
  { postgresUrl }: Places,
  service: ServiceName,
  text: string,
  values: readonly unknown[] = [],
): Promise<ReadonlyArray<Readonly<Record<string, string | null>>>> =>
  queryDatabase(databasesOn(postgresUrl)[service], text, values);
