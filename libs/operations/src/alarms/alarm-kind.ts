/**
 * What an alarm is. The services judge their figures by it, and the rules of Prometheus in
 * `deploy/prometheus` and the page of metrics are generated from it.
 */
export interface AlarmKind {
  /** Says on the page of metrics when the alarm is raised, in whole sentences. */
  readonly meaning: string;
  /** The labels that locate the alarm. */
  readonly place: readonly string[];
  /** The figure must not exceed it. */
  readonly threshold: number;
  /** The setting of a service with another threshold. Its value 0 turns the alarm off. */
  readonly setting?: `ALARM_${string}`;
  /** Name of the rule of Prometheus, and heading of the entry in the runbook. */
  readonly rule: `Millrace${string}`;
  readonly alert: AlertRule;
}

/** The rule of Prometheus that judges the same figure. */
export interface AlertRule {
  readonly group: 'services' | 'consumers' | 'outbox' | 'sagas' | 'streams' | 'connect' | 'registry';
  readonly severity: 'page' | 'ticket';
  /** The metric, summed up or at its highest over all processes, by these labels. */
  readonly figure: string;
  /** Only samples of the metric with these labels count. By default all do. */
  readonly where?: Readonly<Record<string, string>>;
  readonly over: 'max' | 'sum';
  readonly by: readonly string[];
  /** How long the figure has to exceed the threshold. By default at once. */
  readonly forMinutes?: number;
  readonly summary: string;
  readonly comment?: string;
}
