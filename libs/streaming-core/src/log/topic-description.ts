/** A topic as the broker keeps it. */
export interface TopicDescription {
  readonly name: string;
  /** UUID of this incarnation, 8-4-4-4-12. */
  readonly topicId: string;
  readonly partitions: number;
  /** What was set for this topic; everything else has its default. */
  readonly configs: ReadonlyMap<string, string>;
  /** `__consumer_offsets` and the like. */
  readonly internal: boolean;
}
