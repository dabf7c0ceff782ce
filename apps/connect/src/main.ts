import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { connectModule } from './connect.module.ts';

await bootService({ name: 'connect', settings, module: connectModule });
