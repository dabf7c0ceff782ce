/**
 * Bit n stands for operation n of Apache Kafka's `AclOperation`. All operations on topics are
 * allowed.
 */
export const allTopicOperations = 3_576;
export const allClusterOperations = 8_096;
export const allGroupOperations = 3_400;
/** The value when the request did not ask for the operations. */
export const operationsNotAskedFor = -2_147_483_648;
