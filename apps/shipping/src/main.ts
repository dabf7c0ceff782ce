import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { shippingModule } from './shipping.module.ts';

await bootService({ name: 'shipping', settings, module: shippingModule, logSubject: 'orderId' });
