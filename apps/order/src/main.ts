import { bootService } from '@millrace/service-chassis';
import { settings } from './config.ts';
import { orderModule } from './order.module.ts';

await bootService({ name: 'order', settings, module: orderModule });
