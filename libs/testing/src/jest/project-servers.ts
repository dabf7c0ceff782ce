import type { PostgresServer } from '../postgres/index.ts';

/** What one Jest project started, kept between its global setup and teardown. */
export interface ProjectServers {
  readonly postgres: PostgresServer;
}

declare global {
  var millraceProjectServers: ProjectServers | undefined;
}
