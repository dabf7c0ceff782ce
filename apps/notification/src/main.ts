import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { notificationModule } from './notification.module.ts';

await bootService({ name: 'notification', settings, module: notificationModule, logSubject: 'orderId' });
