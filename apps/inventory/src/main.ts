import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { inventoryModule } from './inventory.module.ts';

await bootService({ name: 'inventory', settings, module: inventoryModule, logSubject: 'orderId' });
