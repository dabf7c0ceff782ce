import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { paymentModule } from './payment.module.ts';

await bootService({ name: 'payment', settings, module: paymentModule, logSubject: 'orderId' });
