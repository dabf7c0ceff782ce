export interface TopicDescription {
  readonly name: string;
  /** UUID in the form 8-4-4-4-12. A topic that is recreated gets a new one. */
  readonly topicId: string;
  readonly partitions: number;
  /** The configs that were set for this topic. All others have their defaults. */
  readonly configs: ReadonlyMap<string, string>;
  /** True for `__consumer_offsets` and other topics of the broker. */
  readonly internal: boolean;
}
