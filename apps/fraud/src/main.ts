import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { fraudModule } from './fraud.module.ts';

await bootService({ name: 'fraud', settings, module: fraudModule });
