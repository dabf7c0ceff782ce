import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { dashboardModule } from './dashboard.module.ts';

await bootService({
  name: 'dashboard',
  settings,
  module: dashboardModule,
  page: ({ pageFolder }) => ({ folder: pageFolder }),
});
