/** What is measured: an engine, and whether it has a record on disk before it answers acks=all. */
export const subjectNames = ['ours', 'ours, fsync', 'kafka', 'kafka, fsync'] as const;
export type SubjectName = (typeof subjectNames)[number];

/** One of them as clients reach it. */
export interface Subject {
  readonly name: SubjectName;
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** Of every topic that is measured: Kafka syncs by topic, our broker by its flush policy. */
  readonly topicConfigs: Readonly<Record<string, string>>;
}

export const addressOf = ({ host, port }: Subject): string => `${host}:${port}`;
