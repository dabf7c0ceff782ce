import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { logsModule } from './logs.module.ts';

await bootService({
  name: 'logs',
  settings,
  module: logsModule,
  page: ({ pageFolder }) => ({ folder: pageFolder }),
});
