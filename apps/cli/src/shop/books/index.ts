/** The books of all services, by which `millrace verify` and the tests judge a system. */
export { readBooks, type Books, type StockBook } from './books.ts';
export { checkBooks, type Expected } from './check-books.ts';
export { checkServices, type ServiceViolation } from './check-services.ts';
export { inWords, isPassing, type Violation } from './violation.ts';
export { databasesOn, query, serviceNames, type ServiceName } from './service-databases.ts';
