/** The books of all services, by which `millrace verify`, the console and the tests judge a system. */
export { readBooks, type Books, type StockBook } from './books.ts';
export { checkBooks, type Expected } from './check-books.ts';
export { checkServices, type ServiceViolation } from './check-services.ts';
export { lastingViolations } from './lasting-violations.ts';
export { countedInWords, lookAtBooks, type Counted, type Found } from './look-at-books.ts';
export { inWords, isPassing, type Violation } from './violation.ts';
export { databasesOf, databasesOn, query, serviceNames, type ServiceName } from './service-databases.ts';
