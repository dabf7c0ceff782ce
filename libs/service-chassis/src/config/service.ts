import type { LogSubject } from '../logging/log-subject.ts';
import type { ServiceConfig } from './service-config.ts';

/** Who this process is. */
export interface ServiceIdentity {
  /** `order`: also its consumer group, and the last part of `ce_source`. */
  readonly name: string;
  readonly config: ServiceConfig;
  readonly logSubject?: LogSubject;
}

export const SERVICE = Symbol('ServiceIdentity');
