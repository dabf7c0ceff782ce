import type { Tree } from '@nx/devkit';

/** A service as the files outside its folder know it. */
interface RegisteredService {
  /** Its folder below `apps`, such as `gift-card`. */
  readonly name: string;
  readonly port: number;
}

/** A place that lists every service. */
export interface Registration {
  add(tree: Tree, service: RegisteredService): void;
  /** Leaves no trace of the service, also if its entries were edited. */
  remove(tree: Tree, service: RegisteredService): void;
}
