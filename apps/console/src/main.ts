import { bootService } from '@millrace/service-chassis/app';
import { consoleGuard, consoleRefusals } from './access/console-guard.ts';
import { consoleModule } from './console.module.ts';
import { settings } from './config.ts';
import { schemaCheck } from './schemas/schemas.controller.ts';
import { readingActs } from './shop/books/books.controller.ts';

await bootService({
  name: 'console',
  settings,
  module: consoleModule,
  page: (config) => ({
    folder: config.pageFolder,
    guard: consoleGuard({
      ...config,
      readingActs: [schemaCheck, ...readingActs],
    }),
    refusals: consoleRefusals,
  }),
});
