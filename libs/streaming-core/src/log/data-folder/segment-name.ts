/** Kafka's name of a segment's files: the base offset with 20 digits. */
export const segmentName = (baseOffset: bigint): string => baseOffset.toString().padStart(20, '0');
