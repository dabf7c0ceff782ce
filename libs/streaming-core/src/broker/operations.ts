/** Bit n is operation n (protocol notes 8.2, M6). Nobody is denied anything here. */
export const allTopicOperations = 3_576;
export const allClusterOperations = 8_096;
export const allGroupOperations = 3_400;
/** What stands in an answer whose request did not ask for them. */
export const operationsNotAskedFor = -2_147_483_648;
