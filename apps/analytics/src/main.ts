import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { analyticsModule } from './analytics.module.ts';

await bootService({ name: 'analytics', settings, module: analyticsModule });
