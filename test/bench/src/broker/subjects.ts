/** The measured engines, each with or without a sync to disk before it answers acks=all. */
export const subjectNames = ['ours', 'ours, fsync', 'kafka', 'kafka, fsync'] as const;
export type SubjectName = (typeof subjectNames)[number];

/** A measured engine, as clients reach it. */
export interface Subject {
  readonly name: SubjectName;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /**
   * The configuration of every measured topic. Kafka syncs by topic, our broker by its flush
   * policy.
   */
  readonly topicConfigs: Readonly<Record<string, string>>;
}

export const addressOf = ({ host, port }: Subject): string => `${host}:${port}`;
