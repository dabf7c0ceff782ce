/** The forms of the names of internal topics, as Kafka Streams' reset tool knows them. */
const internalForm =
  /-changelog$|-repartition$|-subscription-registration-topic$|-subscription-response-topic$|-KTABLE-FK-JOIN-SUBSCRIPTION-(REGISTRATION|RESPONSE)-\d+-topic$/;

/**
 * Returns the internal topics of an application. A topic of `shop-eu` begins with `shop-` too, so
 * topics that fit a longer id of another group are left out.
 */
export function internalTopicsAmong(
  topics: readonly string[],
  applicationId: string,
  groupIds: readonly string[],
): readonly string[] {
  const others = groupIds.filter((groupId) => groupId.startsWith(`${applicationId}-`));
  const isOfAnother = (topic: string) => others.some((groupId) => topic.startsWith(`${groupId}-`));
  return topics.filter(
    (topic) => topic.startsWith(`${applicationId}-`) && internalForm.test(topic) && !isOfAnother(topic),
  );
}
