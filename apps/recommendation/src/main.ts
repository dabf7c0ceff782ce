import { bootService } from '@millrace/service-chassis/service';
import { settings } from './config.ts';
import { recommendationModule } from './recommendation.module.ts';

await bootService({ name: 'recommendation', settings, module: recommendationModule });
