import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { registryModule } from './registry.module.ts';

await bootService({ name: 'registry', settings, module: registryModule });
