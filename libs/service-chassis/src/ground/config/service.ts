import type { LogSubject } from '../logging/log-subject.ts';
import type { ServiceConfig } from './service-config.ts';
import { token } from '../provide.ts';

export interface ServiceIdentity {
  /**
   * The service's name, such as `order`. It is also the consumer group, and the last part of
   * `ce_source`.
   */
  readonly name: string;
  readonly config: ServiceConfig;
  readonly logSubject?: LogSubject;
}

export const SERVICE = token<ServiceIdentity>('ServiceIdentity');
