import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { orderModule } from './order.module.ts';

await bootService({ name: 'order', settings, module: orderModule, logSubject: 'orderId' });
