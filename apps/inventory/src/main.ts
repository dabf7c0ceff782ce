import { bootService } from '@millrace/service-chassis';
import { settings } from './config.ts';
import { inventoryModule } from './inventory.module.ts';

await bootService({ name: 'inventory', settings, module: inventoryModule });
