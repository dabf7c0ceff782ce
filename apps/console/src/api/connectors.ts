/** A connector, as Connect reports it, with the lag of a sink. */
export interface ShownConnector {
  readonly name: string;
  readonly kind: 'source' | 'sink';
  readonly connectorClass: string;
  readonly state: string;
  readonly worker: string;
  readonly config: Readonly<Record<string, string>>;
  readonly tasks: readonly ShownTask[];
  /** The first line of the error that ended the connector or the first of its failed tasks, or null. */
  readonly failure: string | null;
  /** The records that a sink has not written yet. Null for a source, and for a sink that has written none. */
  readonly lag: number | null;
}

export interface ShownTask {
  readonly id: number;
  readonly state: string;
  readonly worker: string;
  readonly failure: string | null;
}

export interface ConnectorList {
  readonly connectors: readonly ShownConnector[];
  /** Why Connect or the lags could not be read, one sentence each. */
  readonly missing: readonly string[];
}

export type ConnectorAct = 'restart' | 'restart-failed' | 'pause' | 'resume' | 'stop';
