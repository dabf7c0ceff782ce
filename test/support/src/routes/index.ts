export { routesOf, type OpenApiDocument, type Route } from './routes.ts';
export { commonCodes, listOfCodes, tableOf } from './routes-table.ts';
