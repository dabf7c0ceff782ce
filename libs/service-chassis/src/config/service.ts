import type { ServiceConfig } from './service-config.ts';

/** Who this process is. */
export interface ServiceIdentity {
  /** `order`: also its consumer group, and the last part of `ce_source`. */
  readonly name: string;
  readonly config: ServiceConfig;
}

export const SERVICE = Symbol('ServiceIdentity');
