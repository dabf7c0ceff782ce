/** A part of the system that listens on a port; the setting is named so that an error can say how to move it. */
export interface Listening {
  /** 0: a free one. */
  readonly port: number;
  readonly portSetting: string;
}

/** One service: a process of its own with a database of its own. */
export interface ServiceDefinition extends Listening {
  /** Folder under `apps/`. */
  readonly app: string;
  readonly database: string;
}

export interface StackDefinition {
  readonly database: Listening;
  readonly log: Listening;
  readonly mail: Listening;
  readonly services: Readonly<Record<string, ServiceDefinition>>;
}

export const defineStack = <const Definition extends StackDefinition>(definition: Definition): Definition => definition;

export const service = (app: string, port: number): ServiceDefinition => ({
  app,
  port,
  portSetting: `${app.toUpperCase()}_PORT`,
  database: `millrace_${app}`,
});
